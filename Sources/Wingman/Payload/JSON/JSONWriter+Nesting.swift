/// Objects and arrays, for the JSON that Wingman itself composes (`info`, `work`, what commands print).
extension JSONWriter {
    /// Writes an object with the members that `body` adds.
    package mutating func object(_ body: (inout JSONObjectWriter) -> Void) {
        var object = JSONObjectWriter(JSONWriter(self.bytes))
        self.bytes = []
        object.writer.raw("{")
        body(&object)
        object.writer.raw("}")
        self.bytes = object.writer.bytes
    }

    /// Writes an array with one element for each of `elements`.
    package mutating func array<Elements: Sequence>(
        _ elements: Elements,
        _ write: (inout JSONWriter, Elements.Element) -> Void
    ) {
        self.raw("[")
        var isFirst = true
        for element in elements {
            if !isFirst { self.raw(",") }
            isFirst = false
            write(&self, element)
        }
        self.raw("]")
    }
}

/// The inside of an object while it is written.
package struct JSONObjectWriter {
    fileprivate var writer: JSONWriter
    private var isEmpty = true

    fileprivate init(_ writer: JSONWriter) {
        self.writer = writer
    }

    /// Adds a member. The caller keeps keys unique.
    package mutating func member(_ key: String, _ write: (inout JSONWriter) -> Void) {
        if !self.isEmpty { self.writer.raw(",") }
        self.isEmpty = false
        self.writer.string(key)
        self.writer.raw(":")
        write(&self.writer)
    }
}
