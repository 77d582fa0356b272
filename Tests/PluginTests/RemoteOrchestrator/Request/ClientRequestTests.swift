import Foundation
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

@Suite("A request from Swift")
struct ClientRequestTests {
    private struct Terms: Codable, Equatable {
        var a: Int
        var at: Date
    }

    private struct Sum: Codable, Equatable {
        var sum: Int
        var at: Date
    }

    private let store = MemoryStore()
    private var client: Client { Client(store: self.store) }
    private let at = Date(timeIntervalSince1970: 1_777_636_800)

    /// Plays the orchestrator for one message.
    ///
    /// - Returns: The message as it was read.
    private func answer(_ reply: SentReply) async throws -> Envelope {
        let bytes = try #require(try await self.store.receive(from: "requests", timeout: .seconds(60)))
        let envelope = try Envelope.parse(bytes)
        let list = try #require(envelope.replyTo)
        try await self.client.append(
            reply.bytes(id: envelope.id, correlationID: envelope.correlationID),
            to: list,
            expiry: .seconds(60)
        )
        return envelope
    }

    @Test("is answered in its own types, and says until when it waits")
    func answered() async throws {
        async let message = self.answer(.ok(Array(#"{"sum":3,"at":"2026-05-01T12:00:00Z"}"#.utf8)))
        let sum = try await self.client.request(
            to: "adder",
            body: Terms(a: 1, at: self.at),
            timeout: .seconds(60),
            as: Sum.self,
            options: MessageOptions(id: "m-1")
        )
        #expect(sum == Sum(sum: 3, at: self.at))
        let envelope = try await message
        #expect(envelope.id == "m-1")
        #expect(envelope.client == "adder")
        #expect(String(decoding: envelope.body, as: UTF8.self) == #"{"a":1,"at":"2026-05-01T12:00:00Z"}"#)
        #expect(envelope.deadline != nil)
    }

    @Test("of a handler that replies nothing is answered as well")
    func noReply() async throws {
        async let message = self.answer(.ok(nil))
        let reply = try await self.client.request(to: "m", body: 1, timeout: .seconds(60), as: NoReply.self)
        #expect(reply == NoReply())
        _ = try await message
    }

    @Test("that failed throws the reason of its dead letter")
    func failed() async throws {
        async let message = self.answer(.error(Refusal(.maxAttempts, "5 attempts failed")))
        let remote = RequestError.Remote(code: "max_attempts", message: "5 attempts failed", isRetryable: true)
        await #expect(throws: RequestError.remote(remote)) {
            try await self.client.request(to: "m", body: 1, timeout: .seconds(60), as: Int.self)
        }
        _ = try await message
    }

    @Test("that nobody answers ends in time, and what is invalid is not sent")
    func silence() async throws {
        let limit = Duration.milliseconds(1)
        await #expect(throws: RequestError.timeout(client: "m", id: "m-1", after: limit)) {
            try await self.client.request(
                to: "m",
                body: 1,
                timeout: limit,
                as: Int.self,
                options: MessageOptions(id: "m-1")
            )
        }
        await #expect(throws: RequestError.self) { try await self.client.send(to: "", body: 1) }
        await #expect(throws: RequestError.self) { try await self.client.send(to: "m", json: Array("{".utf8)) }
        #expect(try await self.store.entries(in: .list("requests"), from: 0, limit: 9).count == 1)
    }

    @Test("is a message like any other when it only sends")
    func sent() async throws {
        let id = try await self.client.send(to: "m", body: "text", options: MessageOptions(list: "inbox", priority: 9))
        let bytes = try #require(try await self.store.receive(from: "inbox", timeout: .seconds(60)))
        let envelope = try Envelope.parse(bytes)
        #expect(envelope.id == id)
        #expect(envelope.priority == 9)
        #expect(envelope.replyTo == nil)
    }
}
