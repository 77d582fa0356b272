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
        let message = try OutgoingMessage(to: "mailer", options: options, replyTo: "replies:x", at: self.now)
        let expected =
            #"{"body":{"a": 1.0},"client":"mailer","correlation_id":"c","deadline":1777636801000,"headers":{"tenant":"a"},"#
            + #""id":"m/1","idempotency_key":"i","key":"k","priority":7,"reply_to":"replies:x","#
            + #""trace":{"traceparent":"00-aa-bb-01"},"ts":1777636800250,"type":"mail","v":1}"#
        #expect(String(decoding: try message.bytes(body: Array(#"{"a": 1.0}"#.utf8)), as: UTF8.self) == expected)
    }

    @Test("is what the orchestrator reads")
    func roundTrip() throws {
        let options = MessageOptions(key: "k", priority: 2, headers: ["a": "b"])
        let message = try OutgoingMessage(to: "m", options: options, replyTo: "replies:1", at: self.now)
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
        let first = try OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        let second = try OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        #expect(first.id != second.id)
        let text = String(decoding: try first.bytes(body: Array("1".utf8)), as: UTF8.self)
        #expect(text == #"{"body":1,"client":"m","id":"\#(first.id)","ts":1777636800250,"v":1}"#)
    }

    @Test(
        "is not sent with a body that is not one JSON value",
        arguments: ["", " ", "{", "1,\"client\":\"x\"", "1}", "'a'", "NaN", String(repeating: "[", count: 200)]
    )
    func body(text: String) throws {
        let message = try OutgoingMessage(to: "m", options: MessageOptions(), at: self.now)
        #expect(throws: RequestError.self) { try message.bytes(body: Array(text.utf8)) }
    }

    @Test("is not sent when the orchestrator would refuse it")
    func limits() {
        let long = String(repeating: "x", count: 257)
        let headers = Dictionary(uniqueKeysWithValues: (0..<65).map { ("h\($0)", "") })
        let bad: [(String, MessageOptions)] = [
            ("", MessageOptions()), (long, MessageOptions()), ("m", MessageOptions(list: "")),
            ("m", MessageOptions(id: "")), ("m", MessageOptions(key: long)),
            ("m", MessageOptions(idempotencyKey: long)),
            ("m", MessageOptions(priority: 10)), ("m", MessageOptions(priority: -1)),
            ("m", MessageOptions(headers: headers)),
        ]
        for (client, options) in bad {
            #expect(throws: RequestError.self) { try OutgoingMessage(to: client, options: options, at: self.now) }
        }
    }

    @Test("has a deadline for every date")
    func dates() {
        #expect(OutgoingMessage.milliseconds(.distantPast) < 0)
        #expect(OutgoingMessage.milliseconds(Date(timeIntervalSince1970: 1e300)) == .max)
        #expect(OutgoingMessage.milliseconds(Date(timeIntervalSince1970: -1e300)) == 0)
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
