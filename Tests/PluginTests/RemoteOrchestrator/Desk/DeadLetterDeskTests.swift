import Foundation
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

@Suite("The desk of dead letters")
struct DeadLetterDeskTests {
    private let store = MemoryStore()
    private var desk: DeadLetterDesk {
        DeadLetterDesk(store: self.store, names: OrchestratorNames(list: "requests"))
    }

    /// A letter as the orchestrator writes it.
    private static func letter(_ number: Int, reason: String = "handler_error", client: String = "c") -> String {
        let raw = #"{\"client\":\"\#(client)\",\"body\":\#(number)}"#
        return """
            {"at":"2026-05-01T12:00:00Z","attempts":3,"client":"\(client)","detail":"no","errors":[],"id":"m-\(number)",\
            "list":"requests","process":"p","raw":"\(raw)","reason":"\(reason)","received":1}
            """
    }

    private func put(_ letters: [String]) async throws {
        for letter in letters {
            _ = try await self.store.apply(Change([.append(list: "requests:dead", payload: Array(letter.utf8))]))
        }
    }

    private func texts(in list: String) async throws -> [String] {
        try await self.store.entries(in: .list(list), from: 0, limit: 10_000).map {
            String(decoding: $0.payload, as: UTF8.self)
        }
    }

    @Test("shows the youngest, numbered from the oldest, and how many there are")
    func looking() async throws {
        try await self.put((1...120).map { Self.letter($0, reason: $0.isMultiple(of: 2) ? "expired" : "bad_json") })
        let (letters, count) = try await self.desk.letters(DeadLetterFilter(reasons: ["expired"]), limit: 2)
        #expect(count == 60)
        #expect(letters.map(\.number) == [118, 120])
        #expect(letters.map(\.id) == ["m-118", "m-120"])
        // As many may be asked for as there are, and each may be large.
        #expect(letters.allSatisfy { $0.raw == nil && $0.entry.payload.isEmpty && ($0.size ?? 0) > 0 })
    }

    @Test("replays by name: with the letter's id, behind all others, attempts forgotten")
    func replay() async throws {
        try await self.put((1...3).map { Self.letter($0) })
        let attempts = StoreKey("orchestrator", "attempts/c/m-2")
        _ = try await self.store.apply(Change([.count(attempts, by: 3)]))
        let outcome = try await self.desk.replay(DeadLetterFilter(names: ["m-2"]))
        #expect(outcome == DeadLetterDesk.Outcome(done: 1))
        #expect(try await self.texts(in: "requests") == [#"{"client":"c","body":2,"id":"m-2"}"#])
        #expect(try await self.texts(in: "requests:dead").count == 2)
        #expect(try await self.store.values(of: [attempts]) == [nil])
    }

    @Test("replays all that is meant, however many, and nothing that came meanwhile")
    func replayAll() async throws {
        try await self.put((1...130).map { Self.letter($0, client: $0.isMultiple(of: 3) ? "b" : "a") })
        let outcome = try await self.desk.replay(DeadLetterFilter(clients: ["a"]))
        #expect(outcome == DeadLetterDesk.Outcome(done: 87))
        let left = try await self.texts(in: "requests:dead")
        #expect(left == stride(from: 3, through: 130, by: 3).map { Self.letter($0, client: "b") })
        #expect(try await self.desk.replay(DeadLetterFilter()).done == 43)
        #expect(try await self.texts(in: "requests:dead").isEmpty)
        #expect(try await self.texts(in: "requests").count == 130)
    }

    @Test("leaves a letter without a message where it is")
    func unreadable() async throws {
        try await self.put(["what is this", #"{"reason":"x"}"#, Self.letter(3)])
        let outcome = try await self.desk.replay(DeadLetterFilter())
        #expect(outcome == DeadLetterDesk.Outcome(done: 1, unreadable: 2))
        #expect(try await self.texts(in: "requests:dead") == ["what is this", #"{"reason":"x"}"#])
    }

    @Test("purges by number and by age")
    func purge() async throws {
        try await self.put((1...5).map { Self.letter($0) })
        #expect(try await self.desk.purge(DeadLetterFilter(names: ["#2", "m-5"])).done == 2)
        #expect(try await self.texts(in: "requests:dead") == [1, 3, 4].map { Self.letter($0) })
        let before = try Date("2026-05-01T12:00:00Z", strategy: .iso8601)
        #expect(try await self.desk.purge(DeadLetterFilter(before: before)).done == 0)
        #expect(try await self.desk.purge(DeadLetterFilter(before: before + 1)).done == 3)
    }

    @Test("does nothing if one of those named is not there, and says which")
    func missing() async throws {
        try await self.put([Self.letter(1)])
        let error = await #expect(throws: DeskError.self) {
            _ = try await self.desk.purge(DeadLetterFilter(names: ["m-1", "m-7", "#9"]))
        }
        #expect(error?.description.contains("no dead letter m-7, #9;") == true)
        #expect(try await self.texts(in: "requests:dead").count == 1)
    }

    @Test(
        "replays a message as it was, with an id if it had none",
        arguments: [
            (#"{"client":"c","body":1}"#, #"{"client":"c","body":1,"id":"i"}"#),
            (#" {"client":"c","id":"own"} "#, #" {"client":"c","id":"own"} "#),
            (#"{"id":null,"client":"c"} "#, #"{"id":null,"client":"c","id":"i"} "#),
            (#"{}"#, #"{"id":"i"}"#),
            ("[1]", "[1]"),
            ("{", "{"),
        ]
    )
    func ids(raw: String, expected: String) throws {
        let letter = try JSONEncoder().encode(["raw": raw, "id": "i", "reason": "x"])
        let line = DeadLetterLine(Entry(payload: Array(letter)), number: 1)
        #expect(line.replayed.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test("reads what is no text, and failures as far as they can be read")
    func reading() {
        let text =
            #"{"at":"x","attempts":2,"detail":"d","errors":[{"at":1777636800000,"error":"a\u001b"},{"at":2},7],"#
            + #""raw_base64":"/wA=","reason":"bad_json","id":"i"}"#
        let line = DeadLetterLine(Entry(payload: Array(text.utf8)), number: 4)
        #expect(line.raw == [0xff, 0x00])
        #expect(line.replayed == [0xff, 0x00])
        #expect(line.at == nil)
        #expect(line.attempts == 2)
        #expect(line.text.contains("number: #4"))
        #expect(line.text.last == "message, Base64: /wA=")
        #expect(DeadLetterLine(Entry(payload: [0xff]), number: 1).reason == "unreadable")
    }
}
