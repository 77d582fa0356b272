import TestSupport
import Testing

@testable import Wingman

/// Makes random JSON, and spoils it.
struct RandomJSON {
    var generator: SeededGenerator

    mutating func value(depth: Int = 0) -> String {
        switch Int.random(in: depth < 4 ? 0...7 : 0...4, using: &self.generator) {
        case 0: return ["true", "false", "null"].randomElement(using: &self.generator) ?? "null"
        case 1: return self.number()
        case 2...4: return self.string()
        case 5: return "[\(self.list(depth: depth) { $0.value(depth: depth + 1) })]"
        default: return self.object(depth: depth)
        }
    }

    mutating func object(depth: Int = 0) -> String {
        "{\(self.list(depth: depth) { "\($0.key())\($0.space()):\($0.space())\($0.value(depth: depth + 1))" })}"
    }

    private mutating func list(depth: Int, _ element: (inout Self) -> String) -> String {
        let elements = (0..<Int.random(in: 0...5, using: &self.generator)).map { _ in
            "\(self.space())\(element(&self))\(self.space())"
        }
        return elements.isEmpty ? self.space() : elements.joined(separator: ",")
    }

    private mutating func space() -> String {
        ["", "", "", " ", "\n", "\t \r"].randomElement(using: &self.generator) ?? ""
    }

    private mutating func key() -> String {
        let known = [
            "class", "args", "jid", "retry", "retry_count", "at", "queue", "enqueued_at", "created_at", "\\u0061t",
        ]
        let name = known.randomElement(using: &self.generator) ?? "at"
        return Bool.random(using: &self.generator) ? "\"\(name)\"" : self.string()
    }

    private mutating func number() -> String {
        let numbers = [
            "0", "-0", "1", "1.0", "-1.5e-3", "1E+10", "12345678901234567890123", "0.1", "1783971858298", "1e999",
            "1e-999",
        ]
        return numbers.randomElement(using: &self.generator) ?? "0"
    }

    private mutating func string() -> String {
        let pieces = [
            "a", "plain text", "é", "😀", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\\ud800", "/", "\u{7F}",
            "{", "]",
        ]
        let count = Int.random(in: 0...6, using: &self.generator)
        return "\"\((0..<count).map { _ in pieces.randomElement(using: &self.generator) ?? "" }.joined())\""
    }

    /// Changes, removes, repeats or adds some bytes.
    mutating func spoil(_ bytes: inout [UInt8]) {
        for _ in 0..<Int.random(in: 1...3, using: &self.generator) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &self.generator)
            switch Int.random(in: 0...4, using: &self.generator) {
            case 0: bytes[index] = UInt8.random(in: 0...255, using: &self.generator)
            case 1: bytes.remove(at: index)
            case 2: bytes.removeSubrange(index...)
            case 3: bytes.insert(bytes[index], at: index)
            default: bytes.insert("{}[],:\"\\0-e.u tn".utf8.randomElement(using: &self.generator) ?? 0, at: index)
            }
        }
    }
}

@Suite("Random documents")
struct PayloadPropertyTests {
    struct Arguments: Codable {
        var a: Int?
        var b: [String: Double]?
        var c: String?
        var d: [[Int?]]?
    }

    @Test("Bytes from outside never trap, whatever is done with them", arguments: [1, 2, 3, 4] as [UInt64])
    func hostileBytes(seed: UInt64) {
        var random = RandomJSON(generator: SeededGenerator(seed: seed))
        for round in 0..<10_000 {
            // Mostly small documents, where one spoiled byte matters more.
            var bytes = Array(random.object(depth: round % 20 == 0 ? 1 : 4).utf8)
            if round % 10 == 0 { bytes = bytes.map { _ in UInt8.random(in: 0...255, using: &random.generator) } }
            random.spoil(&bytes)
            self.exercise(bytes)
        }
    }

    private func exercise(_ bytes: [UInt8]) {
        var edits = PayloadEdits()
        edits.set("retry_count", 1)
        edits.remove("at")
        _ = try? edits.applied(to: bytes)
        _ = try? JobArguments.decode(Arguments.self, from: bytes[...])
        guard let payload = try? JobPayload(bytes) else { return }
        _ = (payload.className, payload.jobID, payload.queue, payload.retry, payload.retryCount, payload.timeout)
        _ = (payload.createdAt, payload.enqueuedAt, payload.due, payload.tags, payload.backtrace, payload.retryFor)
        _ = try? JobArguments.decode(Arguments.self, from: payload.arguments)
        #expect((try? JobPayload(payload.applying(edits))) != nil)
    }

    @Test("Edits change what they name and nothing else", arguments: [11, 12] as [UInt64])
    func edits(seed: UInt64) throws {
        var random = RandomJSON(generator: SeededGenerator(seed: seed))
        for _ in 0..<2000 {
            let bytes = Array(random.object().utf8)
            var edits = PayloadEdits()
            edits.set("queue", "new")
            edits.set("retry_count", 7)
            edits.remove("at")
            let edited = try edits.applied(to: bytes)
            try JSONText.validate(edited)
            #expect(
                try self.members(edited, without: ["queue", "retry_count", "at"])
                    == self.members(bytes, without: ["queue", "retry_count", "at"])
            )
            #expect(try self.values(of: "queue", in: edited) == [#""new""#])
            #expect(try self.values(of: "retry_count", in: edited) == ["7"])
            #expect(try self.values(of: "at", in: edited).isEmpty)
        }
    }

    /// Keys and values as they are written, in order.
    private func members(_ bytes: [UInt8], without keys: [String]) throws -> [[UInt8]] {
        try JSONText.members(of: bytes, in: bytes.indices)
            .filter { member in !keys.contains { member.hasKey($0, in: bytes) } }
            .map { Array(bytes[$0.key]) + Array(bytes[$0.value]) }
    }

    private func values(of key: String, in bytes: [UInt8]) throws -> [String] {
        try JSONText.members(of: bytes, in: bytes.indices)
            .filter { $0.hasKey(key, in: bytes) }
            .map { String(decoding: bytes[$0.value], as: UTF8.self) }
    }

    @Test("Python's json accepts and refuses the same documents", .enabled(if: Python.isAvailable))
    func secondOpinion() throws {
        var random = RandomJSON(generator: SeededGenerator(seed: 99))
        var documents: [[UInt8]] = []
        while documents.count < 10_000 {
            var bytes = Array(random.value().utf8)
            if documents.count % 3 != 0 { random.spoil(&bytes) }
            documents.append(bytes.map { $0 == 0x0A ? 0x20 : $0 })
        }
        // Strict UTF-8, and no NaN or Infinity, which Python takes by default.
        let program = """
            import json, sys
            def refuse(name): raise ValueError(name)
            for line in sys.stdin.buffer:
                try:
                    json.loads(line[:-1].decode("utf-8"), parse_constant=refuse)
                    print("yes")
                except ValueError:
                    print("no")
            """
        let answers = try Python.run(program, input: documents)
        try #require(answers.count == documents.count)
        #expect(Set(answers) == ["yes", "no"])
        for (document, answer) in zip(documents, answers) {
            let isAccepted = (try? JSONText.validate(document)) != nil
            #expect(isAccepted == (answer == "yes"), "\(String(decoding: document, as: UTF8.self))")
        }
    }
}
