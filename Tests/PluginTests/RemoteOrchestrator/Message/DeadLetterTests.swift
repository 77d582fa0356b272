import Foundation
import Testing

@testable import WingmanRemoteOrchestrator

@Suite("A dead letter")
struct DeadLetterTests {
    let date = Date(timeIntervalSince1970: 1_777_636_800)
    let origin = DeadLetter.Origin(list: "requests", process: "host:1:ab")

    @Test("keeps a message of text as text, with its reason, its failures and the time")
    func text() throws {
        let message = Array(#"{"client":"x/y","body":1}"#.utf8)
        var letter = DeadLetter(
            Refusal(.unknownClient, "nobody"),
            message: message,
            origin: self.origin,
            date: self.date
        )
        let short =
            #"{"at":"2026-05-01T12:00:00Z","attempts":0,"detail":"nobody","errors":[],"list":"requests","process":"host:1:ab","#
            + #""raw":"{\"client\":\"x/y\",\"body\":1}","reason":"unknown_client"}"#
        #expect(String(decoding: letter.bytes, as: UTF8.self) == short)
        letter.attempts = 1
        letter.client = "x/y"
        letter.errors = [FailedAttempt(at: 2, error: "e")]
        letter.id = "a"
        letter.received = 3
        let full =
            #"{"at":"2026-05-01T12:00:00Z","attempts":1,"client":"x/y","detail":"nobody","errors":[{"at":2,"error":"e"}],"#
            + #""id":"a","list":"requests","process":"host:1:ab","raw":"{\"client\":\"x/y\",\"body\":1}","#
            + #""reason":"unknown_client","received":3}"#
        #expect(String(decoding: letter.bytes, as: UTF8.self) == full)
        #expect(try DeadLetter(json: letter.bytes) == letter)
        #expect(letter.message == message)
        #expect(letter.date == self.date)
    }

    @Test("keeps other bytes as Base64")
    func bytes() throws {
        let letter = DeadLetter(Refusal(.badJSON, "no"), message: [0xff, 0x00], origin: self.origin, date: self.date)
        #expect(String(decoding: letter.bytes, as: UTF8.self).contains(#""raw_base64":"/wA=""#))
        #expect(try DeadLetter(json: letter.bytes).message == [0xff, 0x00])
    }
}
