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
            (#"{"client":"m","body":1e400,"x":{}}"#, "m", "1e400"),
            (
                #"{"client":"m","body":123456789012345678901234567890,"id":"7","x":{}}"#, "m",
                "123456789012345678901234567890"
            ),
            (#"{"\u0063lient":"\u00e9\n","body":0}"#, "é\n", "0"),
            (#"{"client":"a","client":"b","body":1,"body":2}"#, "b", "2"),
            (#"{"client":"m","body":1,"id":null,"headers":null,"trace":null,"deadline":null,"v":null}"#, "m", "1"),
        ]
    )
    func parsed(text: String, client: String, body: String) throws {
        let envelope = try Envelope.parse(Array(text.utf8))
        #expect(envelope.client == client)
        #expect(String(decoding: envelope.body, as: UTF8.self) == body)
    }

    @Test("gives all members of version 1, and ignores those it does not know")
    func version1() throws {
        let text = #"""
            {"v":1,"id":"a-1","client":"m","body":[],"type":"order","reply_to":"replies:9","correlation_id":"c",
            "deadline":1777636800000.75,"key":"customer 7","priority":9.0,"idempotency_key":"k","headers":{"a":"b","c":""},
            "trace":{"traceparent":"00-0af7-b7ad-01","tracestate":"x"},"ts":1777636799000,"later":{"v":2}}
            """#
        var expected = Envelope(client: "m", body: Array("[]".utf8))
        expected.id = "a-1"
        expected.type = "order"
        expected.replyTo = "replies:9"
        expected.correlationID = "c"
        expected.deadline = 1_777_636_800_000
        expected.key = "customer 7"
        expected.priority = 9
        expected.idempotencyKey = "k"
        expected.headers = ["a": "b", "c": ""]
        expected.traceparent = "00-0af7-b7ad-01"
        expected.sent = 1_777_636_799_000
        #expect(try Envelope.parse(Array(text.utf8)) == expected)
    }

    @Test(
        "says why a message is none",
        arguments: [
            ("", Refusal.Reason.badJSON),
            (" ", .badJSON),
            ("{", .badJSON),
            ("\u{0}", .badJSON),
            ("{\"client\":\"m\",\"body\":1}\u{0}", .badJSON),
            ("{\"client\":\"m\",\"body\":1} x", .badJSON),
            ("{'client':'m','body':1}", .badJSON),
            ("{\"client\":\"m\",\"body\":01}", .badJSON),
            ("{\"client\":\"m\",\"body\":NaN}", .badJSON),
            ("\"text\"", .notAnObject),
            ("[1]", .notAnObject),
            ("[]", .notAnObject),
            ("null", .notAnObject),
            ("12", .notAnObject),
            ("1e400", .notAnObject),
            ("{}", .missingClient),
            ("{\"body\":1}", .missingClient),
            ("{\"client\":7,\"body\":1}", .badClient),
            ("{\"client\":null,\"body\":1}", .badClient),
            ("{\"client\":\"\",\"body\":1}", .badClient),
            ("{\"client\":\"mailer:high\",\"body\":1}", .badClient),
            ("{\"client\":\"mailer:low\",\"body\":1}", .badClient),
            ("{\"client\":\"\(String(repeating: "é", count: 129))\",\"body\":1}", .badClient),
            ("{\"client\":\"m\"}", .missingBody),
        ]
    )
    func refused(text: String, reason: Refusal.Reason) {
        #expect(Self.refusal(Array(text.utf8))?.reason == reason)
    }

    @Test(
        "names the member that is of the wrong kind",
        arguments: [
            (#""v":2"#, Refusal.Reason.unsupportedVersion, "v"),
            (#""v":"1""#, .unsupportedVersion, "v"),
            (#""v":[]"#, .unsupportedVersion, "v"),
            (#""id":7"#, .badEnvelope, "id"),
            (#""id":"""#, .badEnvelope, "id"),
            (#""key":{}"#, .badEnvelope, "key"),
            (#""type":true"#, .badEnvelope, "type"),
            (#""correlation_id":1"#, .badEnvelope, "correlation_id"),
            (#""idempotency_key":["a"]"#, .badEnvelope, "idempotency_key"),
            (#""priority":10"#, .badEnvelope, "priority"),
            (#""priority":-1"#, .badEnvelope, "priority"),
            (#""priority":1.5"#, .badEnvelope, "priority"),
            (#""priority":"1""#, .badEnvelope, "priority"),
            (#""priority":1e400"#, .badEnvelope, "priority"),
            (#""deadline":"soon""#, .badEnvelope, "deadline"),
            (#""deadline":-1"#, .badEnvelope, "deadline"),
            (#""deadline":1e400"#, .badEnvelope, "deadline"),
            (#""deadline":1e300"#, .badEnvelope, "deadline"),
            (#""ts":true"#, .badEnvelope, "ts"),
            (#""headers":[]"#, .badEnvelope, "headers"),
            (#""headers":{"a":1}"#, .badEnvelope, "headers"),
            (#""trace":"00-1""#, .badEnvelope, "trace"),
            (#""trace":{"traceparent":1}"#, .badEnvelope, "trace.traceparent"),
            (#""reply_to":7"#, .badEnvelope, "reply_to"),
            (#""reply_to":"requests""#, .badReplyTo, "reply_to"),
            (#""reply_to":"replies:""#, .badReplyTo, "reply_to"),
            (#""reply_to":"xreplies:1""#, .badReplyTo, "reply_to"),
        ]
    )
    func wrongMember(member: String, reason: Refusal.Reason, name: String) throws {
        let refusal = try #require(Self.refusal(Array("{\"client\":\"m\",\"body\":1,\(member)}".utf8)))
        #expect(refusal.reason == reason)
        #expect(refusal.detail.contains("\"\(name)\""))
    }

    @Test("refuses names of more than 256 bytes and more than 64 headers, and takes as many")
    func limits() {
        let name = { (count: Int) in String(repeating: "x", count: count) }
        for member in ["id", "key", "idempotency_key", "type", "correlation_id"] {
            let text = { (count: Int) in Array("{\"client\":\"m\",\"body\":1,\"\(member)\":\"\(name(count))\"}".utf8) }
            #expect(Self.refusal(text(256)) == nil)
            #expect(Self.refusal(text(257))?.reason == .badEnvelope)
        }
        let headers = { (count: Int) in
            Array(
                "{\"client\":\"m\",\"body\":1,\"headers\":{\((0..<count).map { "\"\($0)\":\"\"" }.joined(separator: ","))}}"
                    .utf8
            )
        }
        #expect(Self.refusal(headers(64)) == nil)
        #expect(Self.refusal(headers(65))?.reason == .badEnvelope)
    }

    @Test("refuses nesting that would overflow a stack, and bytes that are no text")
    func hostile() {
        let deep = String(repeating: "[", count: 100_000)
        let closed = deep + String(repeating: "]", count: 100_000)
        #expect(Self.refusal(Array(#"{"client":"m","body":\#(deep)"#.utf8))?.reason == .badJSON)
        #expect(Self.refusal(Array(#"{"client":"m","body":\#(closed)}"#.utf8))?.reason == .badJSON)
        #expect(Self.refusal(Array(#"{"client":"m","body":1,"headers":\#(closed)}"#.utf8))?.reason == .badJSON)
        #expect(Self.refusal([0xff, 0xfe, 0x00])?.reason == .badJSON)
        #expect(
            Self.refusal(Array("{\"client\":\"".utf8) + [0xc3, 0x28] + Array("\",\"body\":1}".utf8))?.reason == .badJSON
        )
    }

    @Test("never traps on a message that was cut, or has one byte changed")
    func mutilated() {
        let message = Array(
            #"{"v":1,"id":"a","client":"m","body":{"x":[1,"\u00e9"]},"reply_to":"replies:1","deadline":1,"headers":{"a":"b"}}"#
                .utf8
        )
        for count in message.indices { #expect(Self.refusal(Array(message[..<count])) != nil) }
        for index in message.indices {
            for byte: UInt8 in [0x00, 0x22, 0x5c, 0x7b, 0x7d, 0x39, 0xff] {
                var changed = message
                changed[index] = byte
                _ = Self.refusal(changed)
                _ = Envelope.sketch(changed)
            }
        }
    }

    @Test("is refused unread when it is larger than allowed")
    func large() {
        let message = Array(#"{"client":"m","body":1}"#.utf8)
        #expect(throws: Never.self) { try Envelope.parse(message, limits: Limits(bytes: message.count)) }
        #expect(throws: Refusal(.tooLarge, "the message has 23 bytes, 22 are allowed")) {
            try Envelope.parse(message, limits: Limits(bytes: message.count - 1))
        }
    }

    @Test("that was refused still tells who waits for an answer, if that may be answered")
    func sketch() {
        let bad = Envelope.sketch(Array(#"{"client":"m","id":"7","reply_to":"replies:1","correlation_id":"c"}"#.utf8))
        #expect(bad == Envelope.Sketch(id: "7", client: "m", replyTo: "replies:1", correlationID: "c"))
        #expect(Envelope.sketch(Array(#"{"client":7,"reply_to":"requests"}"#.utf8)) == Envelope.Sketch())
        #expect(Envelope.sketch(Array("[".utf8)) == Envelope.Sketch())
    }

    private static func refusal(_ bytes: [UInt8]) -> Refusal? {
        do throws(Refusal) {
            _ = try Envelope.parse(bytes)
            return nil
        } catch {
            return error
        }
    }
}
