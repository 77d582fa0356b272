import Foundation
import Testing

@testable import WingmanRemoteOrchestrator

@Suite("A dead letter")
struct DeadLetterTests {
    let date = Date(timeIntervalSince1970: 1_777_636_800)

    @Test("keeps a message of text as text, with its reason and the time")
    func text() throws {
        let letter = DeadLetter(
            Refusal(.unknownClient, "nobody"),
            message: Array(#"{"client":"x/y","body":1}"#.utf8),
            list: "requests",
            date: self.date
        )
        let expected =
            #"{"at":"2026-05-01T12:00:00Z","detail":"nobody","list":"requests","#
            + #""raw":"{\"client\":\"x/y\",\"body\":1}","reason":"unknown_client"}"#
        #expect(String(decoding: try letter.bytes(), as: UTF8.self) == expected)
    }

    @Test("keeps other bytes as Base64")
    func bytes() throws {
        let letter = DeadLetter(Refusal(.badJSON, "no"), message: [0xff, 0x00], list: "r", date: self.date)
        let expected =
            #"{"at":"2026-05-01T12:00:00Z","detail":"no","list":"r","raw_base64":"/wA=","reason":"bad_json"}"#
        #expect(String(decoding: try letter.bytes(), as: UTF8.self) == expected)
    }

    @Test("refuses options that cannot work, all at once")
    func options() {
        let bad = RemoteOrchestrator(list: "", deadLetterList: "", routeTimeout: .seconds(-1), messageLimit: 0)
        #expect(bad.options.faults.count == 5)
        #expect(RemoteOrchestrator(list: "a", deadLetterList: "a").options.faults.count == 1)
        #expect(RemoteOrchestrator().options.faults.isEmpty)
        #expect(RemoteOrchestrator(list: "a").options.deadLetterList == "a:dead")
    }
}
