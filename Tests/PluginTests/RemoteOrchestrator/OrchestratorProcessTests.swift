import Foundation
import TestSupport
import Testing

/// A real worker on a real server: `wingman-load` has the orchestrator on the list `requests` and a service `recorder`.
@Suite("The orchestrator of a worker", .serialized)
struct OrchestratorProcessTests {
    @Test("hands messages to the service they name, in the order they were pushed")
    func handsOver() async throws {
        try await RedisServer.with { server in
            let file = RecordFile(in: server.directory)
            let worker = try await LoadWorker.start(on: server)
            for number in 1...20 { try await Self.push(Self.message(file, "line \(number)"), to: server) }
            try await file.waitForLines(20)
            #expect(file.lines == (1...20).map { "line \($0)" })
            #expect(try await worker.stop() == .exited(0))
            #expect(try await server.cli("LLEN", "requests") == "0")
            #expect(try await server.cli("EXISTS", "requests:dead") == "0")
        }
    }

    @Test("puts what it cannot handle into the dead-letter list with the reason and the message, and goes on")
    func deadLetters() async throws {
        try await RedisServer.with { server in
            let file = RecordFile(in: server.directory)
            let worker = try await LoadWorker.start(on: server)
            let bad = [
                (#"{"client":"nobody","body":1}"#, "unknown_client"),
                (#"{"client":"orchestrator","body":1}"#, "not_a_handler"),
                (#"{"client":"recorder","body":{"path":7}}"#, "decode_error"),
                (#"{"client":"recorder"}"#, "missing_body"),
                ("{\"client\":", "bad_json"),
                ("[1]", "not_object"),
            ]
            for (message, _) in bad { try await Self.push(message, to: server) }
            try await Self.push(Self.message(file, "still here"), to: server)
            try await file.waitForLines(1)
            // The router and the lanes write there, each in their order.
            let found = try await eventually("all dead letters") {
                let letters = try await server.cli("LRANGE", "requests:dead", "0", "-1").split(separator: "\n")
                return try letters.map { try JSONDecoder().decode(Letter.self, from: Data($0.utf8)) }
            } until: {
                $0.count == bad.count
            }
            #expect(found.map(\.raw).sorted() == bad.map(\.0).sorted())
            for letter in found { #expect(bad.contains { $0.0 == letter.raw && $0.1 == letter.reason }) }
            #expect(found.allSatisfy { $0.list == "requests" })
            #expect(try await worker.stop() == .exited(0))
        }
    }

    @Test("ends messages whose replies cannot be written, and says so without what they hold")
    func lostReplies() async throws {
        try await RedisServer.with { server in
            let file = RecordFile(in: server.directory)
            let worker = try await LoadWorker.start(on: server)
            try await server.cli("SET", "replies:text", "x")
            try await server.cli("HSET", "replies:hash", "x", "y")
            for (number, list) in [(1, "text"), (2, "hash"), (3, "free")] {
                let reply = #","reply_to":"replies:\#(list)","id":"message-\#(number)"}"#
                try await Self.push(String(Self.message(file, "line \(number)").dropLast()) + reply, to: server)
            }
            try await Self.push(#"{"client":"nobody","body":1,"reply_to":"replies:text"}"#, to: server)
            try await file.waitForLines(3)
            #expect(try await server.cli("BRPOP", "replies:free", "30").contains(#""status":"ok""#))
            try await eventually("no message in anybody's hands, and a dead letter") {
                let held = try await server.cli("EXISTS", "wingman:inflight:\(worker.identity)")
                let dead = try await server.cli("LLEN", "requests:dead")
                return held == "0" && dead == "1"
            }
            #expect(try await worker.stop() == .exited(0))
            let lines = worker.child.lines.map(\.text).filter { $0.contains("a reply cannot be written") }
            #expect(lines.count == 3)
            for id in ["message-1", "message-2"] { #expect(lines.contains { $0.contains(id) }) }
            #expect(!lines.contains { $0.contains("line") })
            #expect(try await server.cli("GET", "replies:text") == "x")
        }
    }

    @Test("loses nothing when its process is killed between taking a message and its end")
    func killed() async throws {
        try await RedisServer.with(RedisServer.Options(isDurable: true)) { server in
            let file = RecordFile(in: server.directory)
            let first = try await LoadWorker.start(on: server)
            try await Self.push(Self.message(file, "held", after: 600_000), to: server)
            try await eventually("the message to be held") {
                try await Self.isHeldByLane(of: first, on: server)
            }
            try await Self.push(Self.message(file, "waiting"), to: server)
            try await first.child.kill9()

            // The lease of the dead one has to run out before the other process gets what it held, and its roles with it.
            let second = try await LoadWorker.start(on: server)
            try await eventually("the held message to come to the other process") {
                try await Self.isHeldByLane(of: second, on: server)
            }
            // Nothing overtakes it.
            try await eventually("the other message to wait in the lane") {
                try await server.cli("LLEN", "requests:lane:recorder") == "1"
            }
            #expect(file.lines == [])
            try await second.child.kill9()
        }
    }

    @Test("gives a message back when the process stops while it is handled")
    func stopped() async throws {
        try await RedisServer.with { server in
            let file = RecordFile(in: server.directory)
            let worker = try await LoadWorker.start(on: server, stopTimeout: 1)
            let message = Self.message(file, "later", after: 600_000)
            try await Self.push(message, to: server)
            try await eventually("the message to be held") {
                try await Self.isHeldByLane(of: worker, on: server)
            }
            #expect(try await worker.stop() == .exited(0))
            let left = try await server.cli("LRANGE", "requests:lane:recorder", "0", "-1")
            let parcel = try JSONDecoder().decode(Parcel.self, from: Data(left.utf8))
            #expect(parcel.raw == message)
            #expect(try await server.cli("EXISTS", "requests:dead") == "0")
        }
    }

    /// Whether the lane's message is in flight: one that the router holds is not there yet. A token ends with its source.
    private static func isHeldByLane(of worker: LoadWorker, on server: RedisServer) async throws -> Bool {
        try await server.cli("HKEYS", "wingman:inflight:\(worker.identity)").contains("requests:lane:recorder")
    }

    private struct Parcel: Decodable {
        var raw: String
    }

    private struct Letter: Decodable {
        var reason: String
        var raw: String
        var list: String
    }

    private static func message(_ file: RecordFile, _ line: String, after milliseconds: Int? = nil) -> String {
        let wait = milliseconds.map { #","milliseconds":\#($0)"# } ?? ""
        return #"{"client":"recorder","body":{"path":"\#(file.path)","line":"\#(line)"\#(wait)}}"#
    }

    private static func push(_ message: String, to server: RedisServer) async throws {
        try await server.cli("LPUSH", "requests", message)
    }
}
