import Foundation
import Testing

@testable import WingmanRemoteOrchestrator

@Suite("A parcel")
struct ParcelTests {
    @Test("is the JSON that stands in the design, and keeps every byte of the message")
    func golden() throws {
        var parcel = Parcel(id: "a", received: 1_777_636_800_000, raw: Array(#"{"client":"é","body":"\n"} "#.utf8))
        #expect(
            String(decoding: parcel.bytes, as: UTF8.self)
                == #"{"id":"a","attempt":0,"received":1777636800000,"raw":"{\"client\":\"é\",\"body\":\"\\n\"} "}"#
        )
        parcel.attempt = 2
        parcel.fail(FailedAttempt(at: 5, error: "it \"failed\"\u{1}"))
        #expect(
            String(decoding: parcel.bytes, as: UTF8.self).hasSuffix(
                #","errors":[{"at":5,"error":"it \"failed\"\u0001"}]}"#
            )
        )
        #expect(try Parcel(parcel.bytes) == parcel)
    }

    @Test("comes back as it was, whatever the texts in it")
    func roundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let scalars = (0..<Int.random(in: 1...40, using: &generator)).compactMap { _ in
                Unicode.Scalar(
                    UInt32.random(in: 1..<(Bool.random(using: &generator) ? 0x80 : 0x11_0000), using: &generator)
                )
            }
            let text = "x" + String(String.UnicodeScalarView(scalars))
            guard text.utf8.count <= Limits.name else { continue }
            var parcel = Parcel(id: text, attempt: 3, received: 7, raw: Array(text.utf8))
            parcel.fail(FailedAttempt(at: 1, error: text))
            #expect(try Parcel(parcel.bytes) == parcel)
            #expect((try? JSONSerialization.jsonObject(with: Data(parcel.bytes))) != nil)
        }
    }

    @Test("remembers five failures, each cut to a thousand characters")
    func failures() throws {
        var parcel = Parcel(id: "a", received: 0, raw: [])
        for number in 0..<7 { parcel.fail(FailedAttempt(at: number, error: String(repeating: "é", count: 2_000))) }
        #expect(parcel.errors.map(\.at) == [2, 3, 4, 5, 6])
        #expect(parcel.errors.allSatisfy { $0.error.count == 1_000 })
    }

    @Test(
        "is told from what others wrote into its list",
        arguments: [
            "", "[]", "{}", #"{"client":"m","body":1}"#, #"{"id":"","attempt":0,"received":0,"raw":""}"#,
            #"{"id":"a","attempt":-1,"received":0,"raw":""}"#, #"{"id":"a","attempt":1e99,"received":0,"raw":""}"#,
            #"{"id":"a","attempt":0,"received":"0","raw":""}"#, #"{"id":"a","attempt":0,"received":0,"raw":{}}"#,
        ]
    )
    func foreign(text: String) {
        #expect(throws: Refusal.self) { try Parcel(Array(text.utf8)) }
    }

    @Test("has its failures left out if they cannot be read")
    func badErrors() throws {
        let text = #"{"id":"a","attempt":1,"received":2,"raw":"{}","errors":[{"at":"x"}]}"#
        #expect(try Parcel(Array(text.utf8)).errors.isEmpty)
    }
}
