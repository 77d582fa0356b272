internal import HiredisNIO
internal import Wingman

/// Reads a script's flat reply from front to back. What is missing or of another type is an error, never a trap.
struct ReplyCursor {
    private let script: String
    private let elements: [RESPValue]
    private var position = 0

    init(_ reply: RESPValue, of script: RedisScript) throws(StoreError) {
        self.script = script.name
        guard let elements = reply.array else {
            throw StoreError(.unexpected, "script \(script.name) answered \(reply.typeName) instead of an array")
        }
        self.elements = elements
    }

    var isAtEnd: Bool { self.position >= self.elements.count }
    var remaining: Int { self.elements.count - self.position }

    mutating func next() throws(StoreError) -> RESPValue {
        guard self.position < self.elements.count else { throw self.malformed("more elements") }
        defer { self.position += 1 }
        return self.elements[self.position]
    }

    mutating func integer() throws(StoreError) -> Int {
        guard let value = try self.next().integer else { throw self.malformed("a number") }
        return value
    }

    /// A text; bytes that are not UTF-8 are repaired (a name from outside may be anything).
    mutating func text() throws(StoreError) -> String {
        String(decoding: try self.bytes(), as: UTF8.self)
    }

    mutating func bytes() throws(StoreError) -> [UInt8] {
        guard let value = try self.next().bytes else { throw self.malformed("a string") }
        return value
    }

    /// `count` texts; the count comes first.
    mutating func texts() throws(StoreError) -> [String] {
        let count = try self.integer()
        var texts: [String] = []
        for _ in 0..<max(0, count) { texts.append(try self.text()) }
        return texts
    }

    func malformed(_ wanted: String) -> StoreError {
        StoreError(
            .unexpected,
            "script \(self.script): the reply has no \(wanted) at position \(self.position); is another program's script"
                + " loaded, or another version of this one?"
        )
    }
}
