/// Walks over the bytes of one JSON text, strictly as RFC 8259 has it, and builds nothing.
///
/// It says where values begin and end, and refuses what is not JSON. It does not decode strings or numbers
/// (JSONString and JSONNumber do, from the ranges found here). Bytes come from outside: every access is behind a
/// comparison with `count`, containers may be nested a hundred deep as in Ruby, and numbers may have any length.
///
/// The scanner borrows its bytes: it must not outlive the `withUnsafeBufferPointer` it is made in.
package struct JSONScanner {
    /// Ruby's JSON gem refuses deeper nesting, so a deeper job could never be shown or retried by it.
    static let maximumDepth = 100

    /// Redis' own limit of a string; it also lets offsets be 32 bits wide.
    static let maximumSize = 512 << 20

    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int
    private var depth = 0

    package init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// The byte under the scanner, or 0 at the end: no token of JSON begins with 0, so it fails where an end would.
    var current: UInt8 { self.position < self.bytes.count ? self.bytes[self.position] : 0 }

    mutating func skipWhitespace() {
        while self.position < self.bytes.count {
            switch self.bytes[self.position] {
            case 0x20, 0x0A, 0x0D, 0x09: self.position += 1
            default: return
            }
        }
    }

    /// Only whitespace may follow: Wingman itself appends a space to tell equal members of a sorted set apart.
    mutating func expectEnd() throws(JSONError) {
        self.skipWhitespace()
        guard self.position == self.bytes.count else { throw JSONError(.endExpected, at: self.position) }
    }

    /// Passes one value of any kind; the scanner stands at its first byte.
    mutating func skipValue() throws(JSONError) {
        switch self.current {
        case UInt8(ascii: "\""): _ = try self.skipString()
        case UInt8(ascii: "{"): try self.skipObject()
        case UInt8(ascii: "["): try self.skipArray()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try self.skipNumber()
        case UInt8(ascii: "t"): try self.skipWord("true")
        case UInt8(ascii: "f"): try self.skipWord("false")
        case UInt8(ascii: "n"): try self.skipWord("null")
        default: throw JSONError(self.position < self.bytes.count ? .valueExpected : .empty, at: self.position)
        }
    }

    private mutating func skipWord(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard self.bytes.count - self.position >= length else { throw JSONError(.badLiteral, at: self.position) }
        for index in 0..<length where self.bytes[self.position + index] != word.utf8Start[index] {
            throw JSONError(.badLiteral, at: self.position)
        }
        self.position += length
    }
}

extension JSONScanner {
    /// Where a member of an object lies.
    struct Member {
        /// The key with its quotes, still escaped.
        var key: Range<Int>
        /// Whether the key has no escapes, so that its bytes are its name.
        var isPlain: Bool
        var value: Range<Int>
    }

    /// Enters the object the scanner stands at; `nextMember` walks it.
    mutating func openObject() throws(JSONError) {
        guard self.current == UInt8(ascii: "{") else { throw JSONError(.objectExpected, at: self.position) }
        try self.descend()
    }

    /// Passes the next member of the object that was opened last; nil at its end, when the brace is passed as well.
    mutating func nextMember(isFirst: Bool) throws(JSONError) -> Member? {
        self.skipWhitespace()
        if self.current == UInt8(ascii: "}") {
            self.ascend()
            return nil
        }
        if !isFirst {
            guard self.current == UInt8(ascii: ",") else { throw JSONError(.commaOrBraceExpected, at: self.position) }
            self.position += 1
            self.skipWhitespace()
        }
        guard self.current == UInt8(ascii: "\"") else { throw JSONError(.keyExpected, at: self.position) }
        let keyStart = self.position
        let isPlain = try self.skipString()
        let keyEnd = self.position
        self.skipWhitespace()
        guard self.current == UInt8(ascii: ":") else { throw JSONError(.colonExpected, at: self.position) }
        self.position += 1
        self.skipWhitespace()
        let valueStart = self.position
        try self.skipValue()
        return Member(key: keyStart..<keyEnd, isPlain: isPlain, value: valueStart..<self.position)
    }

    /// Enters the array the scanner stands at; `nextElement` walks it.
    mutating func openArray() throws(JSONError) {
        guard self.current == UInt8(ascii: "[") else { throw JSONError(.arrayExpected, at: self.position) }
        try self.descend()
    }

    /// Passes the next element of the array that was opened last; nil at its end, when the bracket is passed as well.
    mutating func nextElement(isFirst: Bool) throws(JSONError) -> Range<Int>? {
        self.skipWhitespace()
        if self.current == UInt8(ascii: "]") {
            self.ascend()
            return nil
        }
        if !isFirst {
            guard self.current == UInt8(ascii: ",") else {
                throw JSONError(.commaOrBracketExpected, at: self.position)
            }
            self.position += 1
            self.skipWhitespace()
        }
        let start = self.position
        try self.skipValue()
        return start..<self.position
    }

    private mutating func skipObject() throws(JSONError) {
        try self.openObject()
        var isFirst = true
        while try self.nextMember(isFirst: isFirst) != nil { isFirst = false }
    }

    private mutating func skipArray() throws(JSONError) {
        try self.openArray()
        var isFirst = true
        while try self.nextElement(isFirst: isFirst) != nil { isFirst = false }
    }

    private mutating func descend() throws(JSONError) {
        guard self.depth < Self.maximumDepth else { throw JSONError(.tooDeep, at: self.position) }
        self.depth += 1
        self.position += 1
    }

    private mutating func ascend() {
        self.depth -= 1
        self.position += 1
    }
}
