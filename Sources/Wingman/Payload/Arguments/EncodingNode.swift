/// One JSON value while `Encodable` code builds it: containers may be filled in any order, and text is made at the end.
///
/// A node is a reference because `Encoder`'s containers are handed out as values that write to the same place. It lives
/// within one call of `encode` and is never shared between tasks.
final class EncodingNode {
    /// What the value is.
    enum Shape {
        case single
        case array
        case object
    }

    /// One element or member: text that ends at `end` in `texts`, or a node of its own.
    private struct Part {
        var key: String
        var end: Int
        var node: EncodingNode?
    }

    var shape = Shape.single
    private var texts = JSONWriter()
    private var parts: [Part] = []

    var count: Int { self.parts.count }

    func addNull(_ key: String) {
        self.texts.raw("null")
        self.parts.append(Part(key: key, end: self.texts.bytes.count))
    }

    /// Adds a node that is filled later.
    func addNode(_ key: String) -> EncodingNode {
        let node = EncodingNode()
        self.parts.append(Part(key: key, end: self.texts.bytes.count, node: node))
        return node
    }

    /// Adds a value of any type. `path` leads to the value.
    func add(_ value: some Encodable, _ key: String, path: @autoclosure () -> ArgumentPath) throws {
        // The two commonest types go before the search for a conformance, which costs more than the writing.
        if let integer = value as? Int {
            self.texts.integer(integer)
            self.parts.append(Part(key: key, end: self.texts.bytes.count))
        } else if let string = value as? String {
            self.texts.string(string)
            self.parts.append(Part(key: key, end: self.texts.bytes.count))
        } else if let element = value as? any JSONElement {
            guard element.write(to: &self.texts) else {
                let demand = type(of: element).demand
                throw path().error(.notEncodable, "the value has no JSON form, which must be \(demand)")
            }
            self.parts.append(Part(key: key, end: self.texts.bytes.count))
        } else {
            try self.addNode(key).fill(with: value, path: path())
        }
    }

    /// Lets a value of a type that is no element code itself into this node.
    private func fill(with value: some Encodable, path: ArgumentPath) throws {
        guard !path.isTooLong else {
            throw path.error(.notEncodable, "values are nested more than \(JSONScanner.maximumDepth) deep")
        }
        do {
            try value.encode(to: ElementEncoder(node: self, path: path))
        } catch {
            throw path.wrap(error, .notEncodable, "the encode(to:) of \(type(of: value)) failed")
        }
        guard self.shape != .single || !self.parts.isEmpty else {
            throw path.error(.notEncodable, "the encode(to:) of \(type(of: value)) writes nothing")
        }
    }

    /// Appends the finished text.
    func render(into writer: inout JSONWriter) {
        switch self.shape {
        // A superclass that had nothing to say.
        case .single where self.parts.isEmpty: writer.raw("{}")
        // Of several single values the last one counts, as in Foundation.
        case .single: self.render(self.parts.indices.suffix(1), into: &writer)
        case .array:
            writer.raw("[")
            self.render(self.parts.indices, into: &writer)
            writer.raw("]")
        case .object:
            writer.raw("{")
            self.render(self.sortedMembers(), into: &writer)
            writer.raw("}")
        }
    }

    private func render(_ indices: some Sequence<Int>, into writer: inout JSONWriter) {
        var isFirst = true
        for index in indices {
            if !isFirst { writer.raw(",") }
            isFirst = false
            if self.shape == .object {
                writer.string(self.parts[index].key)
                writer.raw(":")
            }
            if let node = self.parts[index].node {
                node.render(into: &writer)
            } else {
                let start = index > 0 ? self.parts[index - 1].end : 0
                writer.raw(self.texts.bytes[start..<self.parts[index].end])
            }
        }
    }

    /// Members by the bytes of their keys; of two with one key the later.
    private func sortedMembers() -> [Int] {
        var lastOfKey: [String: Int] = [:]
        for index in self.parts.indices { lastOfKey[self.parts[index].key] = index }
        return lastOfKey.values.sorted {
            self.parts[$0].key.utf8.lexicographicallyPrecedes(self.parts[$1].key.utf8)
        }
    }
}
