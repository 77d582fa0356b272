/// A list of changes to the outermost members of a payload: set this, remove that.
///
/// Everything not named stays byte for byte: big integers, `1` apart from `1.0`, unknown members, their order.
package struct PayloadEdits: Sendable {
    /// One change: the key, and its new value as JSON text, or nil to remove the member.
    private struct Edit {
        var key: String
        var value: [UInt8]?
    }

    private var edits: [Edit] = []

    package init() {}

    /// Sets a member to a value given as JSON text, which the caller vouches for.
    package mutating func set(_ key: String, json value: [UInt8]) { self.put(key, value) }

    package mutating func set(_ key: String, _ value: String) { self.put(key) { $0.string(value) } }

    package mutating func set(_ key: String, _ value: Int) { self.put(key) { $0.integer(value) } }

    package mutating func set(_ key: String, _ value: Bool) { self.put(key) { $0.boolean(value) } }

    /// Sets a member to a time, written as Sidekiq 8 does: an integer of milliseconds.
    package mutating func set(_ key: String, _ value: SidekiqTime) { self.put(key) { $0.integer(value.milliseconds) } }

    package mutating func remove(_ key: String) { self.put(key, nil) }

    private mutating func put(_ key: String, _ write: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        write(&writer)
        self.put(key, writer.bytes)
    }

    private mutating func put(_ key: String, _ value: [UInt8]?) {
        self.edits.removeAll { $0.key == key }
        self.edits.append(Edit(key: key, value: value))
    }
}

extension PayloadEdits {
    /// Makes the edited text of one JSON object.
    ///
    /// A member that is set keeps its place, a new one goes to the end, in the order given. Of an edited key that
    /// occurs more than once only one member is left. Whitespace behind the object is dropped: it is what told equal
    /// members of a sorted set apart, and must not grow with every retry.
    package func applied(to bytes: [UInt8]) throws(JSONError) -> [UInt8] {
        let members = try JSONText.members(of: bytes, in: bytes.indices)
        var output = JSONWriter()
        output.bytes.reserveCapacity(bytes.count + self.edits.reduce(0) { $0 + $1.key.utf8.count + 32 })
        output.raw(bytes[..<(members.first?.key.lowerBound ?? Self.contentStart(of: bytes))])
        var pending = self.edits
        var previousEnd: Int?
        var isEmpty = true
        for member in members {
            let separator = previousEnd.map { $0..<member.key.lowerBound }
            previousEnd = member.value.upperBound
            guard let value = self.value(of: member, in: bytes, pending: &pending) else { continue }
            if !isEmpty, let separator { output.raw(bytes[separator]) }
            isEmpty = false
            output.raw(bytes[member.key.lowerBound..<member.value.lowerBound])
            output.raw(value)
        }
        Self.append(pending, to: &output, isEmpty: isEmpty)
        // Between the last member and the brace is only whitespace.
        let rest = bytes[(previousEnd ?? 0)...]
        let closingBrace = rest.firstIndex(of: UInt8(ascii: "}")) ?? rest.endIndex
        if previousEnd != nil { output.raw(rest[..<closingBrace]) }
        output.raw("}")
        return output.bytes
    }

    /// The value a member has after the edits; nil when it is to go.
    private func value(
        of member: JSONScanner.Member,
        in bytes: [UInt8],
        pending: inout [Edit]
    ) -> ArraySlice<UInt8>? {
        let isEdited = self.edits.contains { member.hasKey($0.key, in: bytes) }
        guard isEdited else { return bytes[member.value] }
        guard let index = pending.firstIndex(where: { member.hasKey($0.key, in: bytes) }) else { return nil }
        return pending.remove(at: index).value?[...]
    }

    private static func append(_ edits: [Edit], to output: inout JSONWriter, isEmpty: Bool) {
        var isEmpty = isEmpty
        for edit in edits {
            guard let value = edit.value else { continue }
            if !isEmpty { output.raw(",") }
            isEmpty = false
            output.string(edit.key)
            output.raw(":")
            output.raw(value)
        }
    }

    /// Behind the opening brace of an object without members.
    private static func contentStart(of bytes: [UInt8]) -> Int {
        (bytes.firstIndex(of: UInt8(ascii: "{")) ?? -1) + 1
    }
}

extension JobPayload {
    /// The payload's bytes after some edits.
    package func applying(_ edits: PayloadEdits) -> [UInt8] {
        guard let edited = try? edits.applied(to: self.bytes) else {
            // `init` has scanned these same bytes as one object, so the scan within `applied` cannot fail.
            assertionFailure("A scanned payload does not scan again.")
            return self.bytes
        }
        return edited
    }
}
