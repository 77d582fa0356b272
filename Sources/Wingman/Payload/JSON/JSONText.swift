/// Questions to a whole JSON text, or to one value inside a text, answered with ranges of its bytes.
package enum JSONText {
    /// Checks that the bytes are one JSON value of any kind.
    package static func validate(_ bytes: [UInt8]) throws(JSONError) {
        try Self.scan(bytes, from: 0) { scanner throws(JSONError) in
            scanner.skipWhitespace()
            try scanner.skipValue()
            try scanner.expectEnd()
        }
    }

    /// Checks that the bytes are one JSON array, as positional arguments are.
    package static func validateArray(_ bytes: [UInt8]) throws(JSONError) {
        try Self.validate(bytes)
        let first = bytes.firstIndex { $0 > 0x20 } ?? 0
        guard bytes[first] == UInt8(ascii: "[") else { throw JSONError(.arrayExpected, at: first) }
    }

    /// Where the elements of the array that lies in `range` begin and end.
    static func elements(of bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> [Range<Int>] {
        try Self.scan(bytes, from: range.lowerBound) { scanner throws(JSONError) in
            var elements: [Range<Int>] = []
            try scanner.openArray()
            while let element = try scanner.nextElement(isFirst: elements.isEmpty) { elements.append(element) }
            return elements
        }
    }

    /// Where the members of the object that lies in `range` are, duplicates included.
    static func members(of bytes: [UInt8], in range: Range<Int>) throws(JSONError) -> [JSONScanner.Member] {
        try Self.scan(bytes, from: range.lowerBound) { scanner throws(JSONError) in
            var members: [JSONScanner.Member] = []
            scanner.skipWhitespace()
            try scanner.openObject()
            while let member = try scanner.nextMember(isFirst: members.isEmpty) { members.append(member) }
            return members
        }
    }

    private static func scan<Answer>(
        _ bytes: [UInt8],
        from position: Int,
        _ body: (inout JSONScanner) throws(JSONError) -> Answer
    ) throws(JSONError) -> Answer {
        guard bytes.count <= JSONScanner.maximumSize else { throw JSONError(.tooLarge, at: 0) }
        let result: Result<Answer, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            var scanner = JSONScanner(buffer, at: position)
            return Result { () throws(JSONError) in try body(&scanner) }
        }
        return try result.get()
    }
}

extension JSONScanner.Member {
    /// Whether the member's key spells `key`, escapes apart.
    func hasKey(_ key: String, in bytes: [UInt8]) -> Bool {
        guard self.isPlain else { return JSONString.decode(bytes[self.key]) == key }
        return bytes[self.key].dropFirst().dropLast().elementsEqual(key.utf8)
    }
}
