import Foundation
import Testing

@testable import WingmanRemoteOrchestrator

@Suite("A message that Swift sends")
struct OutgoingMessageTests {
    private let now = Date(timeIntervalSince1970: 1_777_636_800.25)

    @Test("has the members that it was given, and the body's bytes as they are")
    func members() throws {
        var options = MessageOptions(id: "m/1", type: "mail", key: "k", priority: 7, idempotencyKey: "i")
        options.deadline = Date(timeIntervalSince1970: 1_777_636_801)
        options.correlationID = "c"
        options.headers = ["tenant": "a"]
        options.traceparent = "00-aa-bb-01"
        let message = OutgoingMessage(to: "mailer", options: options, replyTo: "replies:x", at: self.now)
        let expected =
            #"{"body":{"a": 1.0},"client":"mailer","correlation_id":"c","deadline":1777636801000,"headers":{"tenant":"a"},"#
            + #""id":"m/1","idempotency_key":"i","key":"k","priority":7,"reply_to":"replies:x","#
            + #""trace":{"traceparent":"00-aa-bb-01"},"ts":1777636800250,"type":"mail","v":1}"#
        #expect(String(decoding: try message.bytes(body: Array(#"{"a": 1.0}"#.utf8)), as: UTF8.self) == expected)
    }

    @Test("is what the orchestrator reads")
    func roundTrip() throws {
        let options = MessageOptions(key: "k", priority: 2, headers: ["a": "b"])
        let message = OutgoingMessage(to: "m", options: options, replyTo: "replies:1", at: self.now)
        let envelope = try Envelope.parse(try message.bytes(body: Array("[1]".utf8)))
        #expect(envelope.client == "m")
        #expect(envelope.body == Array("[1]".utf8))
        #expect(envelope.id == message.id)
        #expect(envelope.key == "k")
        #expect(envelope.priority == 2)
        #expect(envelope.headers == ["a": "b"])
        #expect(envelope.replyTo == "replies:1")
        #expect(envelope.sent == 1_777_636_800_250)
    }

    @Test("has an id of its own if it is given none, and no members that nobody set")
    func plain() throws {
        let first = OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        let second = OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        #expect(first.id != second.id)
        let text = String(decoding: try first.bytes(body: Array("1".utf8)), as: UTF8.self)
        #expect(text == #"{"body":1,"client":"m","id":"\#(first.id)","ts":1777636800250,"v":1}"#)
    }

    @Test(
        "is not sent with a body that is not one JSON value",
        arguments: ["", " ", "{", "1,\"client\":\"x\"", "1}", "'a'", "NaN", String(repeating: "[", count: 200)]
    )
    func body(text: String) throws {
        let message = OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        #expect(throws: RequestError.self) { try message.bytes(body: Array(text.utf8)) }
    }

    @Test("is not sent when the orchestrator would refuse it, for whatever reason")
    func limits() throws {
        let long = String(repeating: "x", count: 257)
        let headers = Dictionary(uniqueKeysWithValues: (0..<65).map { ("h\($0)", "") })
        let bad: [(String, MessageOptions, String)] = [
            ("", MessageOptions(), "client"), (long, MessageOptions(), "client"), ("m:high", MessageOptions(), ":high"),
            ("m", MessageOptions(list: ""), "list"), ("m", MessageOptions(replyPrefix: ""), "replyPrefix"),
            ("m", MessageOptions(id: ""), "id"), ("m", MessageOptions(key: long), "key"),
            ("m", MessageOptions(type: long), "type"), ("m", MessageOptions(correlationID: long), "correlation_id"),
            ("m", MessageOptions(traceparent: long), "trace.traceparent"),
            ("m", MessageOptions(idempotencyKey: long), "idempotency_key"),
            ("m", MessageOptions(priority: 10), "priority"), ("m", MessageOptions(priority: -1), "priority"),
            ("m", MessageOptions(headers: headers), "headers"),
            ("m", MessageOptions(messageLimit: 10), "10 are allowed"),
        ]
        for (client, options, word) in bad {
            let message = OutgoingMessage(to: client, options: options, replyTo: "replies:1", at: self.now)
            let error = #expect(throws: RequestError.self) {
                try message.bytes(body: Array("1".utf8), limits: options.limits())
            }
            #expect(error?.description.contains(word) == true, "\(error.map { "\($0)" } ?? "no error")")
        }
        let message = OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        for body in [String(repeating: "[", count: 100) + String(repeating: "]", count: 100), Self.large] {
            #expect(throws: RequestError.self) { try message.bytes(body: Array(body.utf8)) }
        }
        _ = try message.bytes(body: Array(Self.large.utf8), limits: Limits(bytes: 2 << 20))
        let elsewhere = OutgoingMessage(to: "m", options: MessageOptions(), replyTo: "answers:1", at: self.now)
        #expect(throws: RequestError.self) { try elsewhere.bytes(body: Array("1".utf8)) }
    }

    private static let large = "\"\(String(repeating: "x", count: 1 << 20))\""

    @Test("has a deadline for every date", arguments: [-Double.infinity, -1e300, -1, 0, 1e9, 1e300, .infinity])
    func dates(seconds: Double) throws {
        let options = MessageOptions(deadline: Date(timeIntervalSince1970: seconds))
        let message = OutgoingMessage(to: "m", options: options, at: self.now)
        let deadline = try Envelope.parse(try message.bytes(body: Array("1".utf8))).deadline
        #expect(deadline == (seconds <= 0 ? 0 : seconds == 1e9 ? 1_000_000_000_000 : Limits.latest))
    }
}

@Suite("A reply")
struct ReplyTests {
    @Test("gives its body as it is, or nothing")
    func good() throws {
        #expect(
            try ReplyText.body(of: Array(#"{"status":"ok","body":{"a":1.0},"id":"x"}"#.utf8))
                == Array(#"{"a":1.0}"#.utf8)
        )
        #expect(try ReplyText.body(of: Array(#"{"status":"ok"}"#.utf8)) == nil)
    }

    @Test("that says error is an error with its code")
    func bad() {
        let reply = #"{"status":"error","error":{"code":"expired","message":"late","retryable":true}}"#
        #expect(throws: RequestError.remote(.init(code: "expired", message: "late", isRetryable: true))) {
            try ReplyText.body(of: Array(reply.utf8))
        }
        #expect(throws: RequestError.remote(.init(code: "unknown", message: "no message", isRetryable: false))) {
            try ReplyText.body(of: Array(#"{"status":"error","error":7}"#.utf8))
        }
    }

    @Test("that is none is told", arguments: ["", "null", "[]", "{}", #"{"status":"maybe"}"#, #"{"status":1}"#])
    func unreadable(text: String) {
        #expect(throws: RequestError.self) { try ReplyText.body(of: Array(text.utf8)) }
    }

    private struct Empty: Decodable, Equatable {}
    private struct Sum: Decodable, Equatable {
        var sum: Int
    }

    @Test("is read as what was asked for, and nothing as nothing")
    func decoded() throws {
        #expect(try MessageCoding.decode(Sum.self, fromReply: Array(#"{"sum":3}"#.utf8)) == Sum(sum: 3))
        #expect(try MessageCoding.decode(Empty.self, fromReply: nil) == Empty())
        #expect(try MessageCoding.decode(Sum?.self, fromReply: nil) == nil)
        #expect(throws: RequestError.self) { try MessageCoding.decode(Sum.self, fromReply: nil) }
        let error = #expect(throws: RequestError.self) {
            try MessageCoding.decode([Sum].self, fromReply: Array(#"[{"sum":"secret"}]"#.utf8))
        }
        #expect(error?.description == "the reply cannot be read: it is no Array<Sum>, at 0.sum")
    }
}
