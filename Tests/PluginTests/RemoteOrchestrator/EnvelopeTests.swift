import Testing

@testable import WingmanRemoteOrchestrator

@Suite("An envelope")
struct EnvelopeTests {
    @Test(
        "gives the name of the service and the bytes of the body as they came",
        arguments: [
            (#"{"client":"mailer","body":{"a":1.0}}"#, "mailer", #"{"a":1.0}"#),
            (#" { "body" : [1, 2 ] , "client" : "m" } "#, "m", "[1, 2 ]"),
            (#"{"client":"m","body":null}"#, "m", "null"),
            (#"{"client":"m","body":"text"}"#, "m", #""text""#),
            (
                #"{"client":"m","body":123456789012345678901234567890,"id":7,"x":{}}"#, "m",
                "123456789012345678901234567890"
            ),
            (#"{"\u0063lient":"\u00e9\n","body":0}"#, "é\n", "0"),
            (#"{"client":"a","client":"b","body":1,"body":2}"#, "b", "2"),
        ]
    )
    func parsed(text: String, client: String, body: String) throws {
        let envelope = try Envelope.parse(Array(text.utf8), limit: 1_000)
        #expect(envelope.client == client)
        #expect(String(decoding: envelope.body, as: UTF8.self) == body)
    }

    @Test(
        "says why a message is none",
        arguments: [
            ("", Refusal.Reason.badJSON),
            (" ", .badJSON),
            ("{", .badJSON),
            ("{\"client\":\"m\",\"body\":1} x", .badJSON),
            ("{'client':'m','body':1}", .badJSON),
            ("{\"client\":\"m\",\"body\":01}", .badJSON),
            ("\"text\"", .notAnObject),
            ("[1]", .notAnObject),
            ("null", .notAnObject),
            ("12", .notAnObject),
            ("{}", .missingClient),
            ("{\"body\":1}", .missingClient),
            ("{\"client\":7,\"body\":1}", .badClient),
            ("{\"client\":null,\"body\":1}", .badClient),
            ("{\"client\":\"\",\"body\":1}", .badClient),
            ("{\"client\":\"m\"}", .missingBody),
        ]
    )
    func refused(text: String, reason: Refusal.Reason) {
        #expect(Self.refusal(Array(text.utf8)) == reason)
    }

    @Test("refuses nesting that would overflow a stack, and bytes that are no text")
    func hostile() {
        let deep = String(repeating: "[", count: 200_000)
        #expect(Self.refusal(Array(#"{"client":"m","body":\#(deep)"#.utf8)) == .badJSON)
        #expect(Self.refusal([0xff, 0xfe, 0x00]) == .badJSON)
        #expect(Self.refusal(Array("{\"client\":\"".utf8) + [0xc3, 0x28] + Array("\",\"body\":1}".utf8)) == .badJSON)
    }

    @Test("is refused unread when it is larger than allowed")
    func large() {
        let message = Array(#"{"client":"m","body":1}"#.utf8)
        #expect(throws: Never.self) { try Envelope.parse(message, limit: message.count) }
        #expect(throws: Refusal(.tooLarge, "the message has 23 bytes, 22 are allowed")) {
            try Envelope.parse(message, limit: message.count - 1)
        }
    }

    private static func refusal(_ bytes: [UInt8]) -> Refusal.Reason? {
        do throws(Refusal) {
            _ = try Envelope.parse(bytes, limit: 1 << 20)
            return nil
        } catch {
            return error.reason
        }
    }
}
