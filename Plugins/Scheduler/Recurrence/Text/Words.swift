/// A word of a text and where it stands.
struct Word: Sendable {
    let bytes: ArraySlice<UInt8>
    /// The column of its first byte, counted from 1.
    let column: Int

    var text: String { String(decoding: self.bytes, as: UTF8.self) }
    var lowercased: String { self.text.lowercased() }
    var quoted: String { RecurrenceError.quote(self.bytes) }
    /// The column after its last byte.
    var end: Int { self.column + self.bytes.count }

    /// The part from an offset on, with its own column.
    func dropping(_ count: Int) -> Word {
        Word(bytes: self.bytes.dropFirst(count), column: self.column + min(count, self.bytes.count))
    }

    /// The parts between separators; empty ones are kept.
    func split(_ separator: Unicode.Scalar) -> [Word] {
        let byte = UInt8(ascii: separator)
        return self.bytes.split(separator: byte, omittingEmptySubsequences: false).map { part in
            Word(bytes: part, column: self.column + part.startIndex - self.bytes.startIndex)
        }
    }
}

/// A text as its bytes, checked once: short enough, printable ASCII.
struct SourceText: Sendable {
    let bytes: [UInt8]

    /// Long enough for some hundred exceptions. A longer text is refused before it is looked at.
    static let largestLength = 8_192

    init(_ text: String) throws(RecurrenceError) {
        guard text.utf8.count <= Self.largestLength else {
            throw RecurrenceError(.syntax, "the text is too long", allowed: "at most \(Self.largestLength) bytes")
        }
        self.bytes = Array(text.utf8)
        for (index, byte) in self.bytes.enumerated() where !(0x20..<0x7f ~= byte || byte == 0x09) {
            throw RecurrenceError(
                .syntax,
                column: index + 1,
                "the byte 0x\(String(byte, radix: 16)) cannot stand here",
                allowed: "letters, digits and signs of ASCII"
            )
        }
    }

    /// The clauses between semicolons, each as its words between blanks.
    var clauses: [[Word]] {
        self.bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { clause in
            clause.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map { word in
                Word(bytes: word, column: word.startIndex + 1)
            }
        }
    }
}
