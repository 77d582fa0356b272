/// Appends JSON to bytes: the element format that design.md freezes, and nothing else.
///
/// It is what Ruby's `JSON.generate` writes: slashes and characters beyond ASCII stay plain, control characters are
/// escaped, floating-point numbers are the shortest text that reads back equal, with `1.0` kept apart from `1`.
package struct JSONWriter: Sendable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    package mutating func raw(_ text: StaticString) {
        self.bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func raw(_ bytes: some Sequence<UInt8>) {
        self.bytes.append(contentsOf: bytes)
    }

    package mutating func string(_ text: String) {
        self.bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var plainStart = 0
            for index in utf8.indices where Self.needsEscape(utf8[index]) {
                self.bytes.append(contentsOf: utf8[plainStart..<index])
                self.escape(utf8[index])
                plainStart = index + 1
            }
            self.bytes.append(contentsOf: utf8[plainStart...])
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    package mutating func boolean(_ value: Bool) {
        self.raw(value ? "true" : "false")
    }

    package mutating func integer(_ value: some BinaryInteger) {
        self.bytes.append(contentsOf: value.description.utf8)
    }

    /// Appends the shortest text that reads back equal, spelt as Ruby spells it: `1.0`, `1.0e+16`, `1.0e-05`.
    ///
    /// Ruby's page removes a job it has parsed and written again, so its spelling has to be ours.
    ///
    /// - Returns: false, having written nothing, for a value that JSON has no text for: an infinity or not a number.
    package mutating func floating(_ value: Double) -> Bool {
        guard value.isFinite else { return false }
        let text = value.description
        let isLargeInteger = value.magnitude >= 1e15 && value == value.rounded()
        if isLargeInteger || text.utf8.contains(UInt8(ascii: "e")) {
            self.scientific(text.utf8)
        } else {
            self.bytes.append(contentsOf: text.utf8)
        }
        return true
    }

    /// Spells `1e+16` as `1.0e+16`, and `12345678901234568.0` as `1.2345678901234568e+16`.
    private mutating func scientific(_ text: String.UTF8View) {
        let mark = text.firstIndex(of: UInt8(ascii: "e")) ?? text.endIndex
        var digits = text[..<mark].filter { $0 &- 0x30 < 10 }
        let isWhole = mark == text.endIndex
        // Without an exponent the text is all its digits, a point and a zero.
        let exponent = "e+\(digits.count - 2)"
        while digits.count > 2, digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.count == 1 { digits.append(UInt8(ascii: "0")) }
        if text.first == UInt8(ascii: "-") { self.raw("-") }
        self.raw(digits.prefix(1))
        self.raw(".")
        self.raw(digits.dropFirst())
        self.raw(isWhole ? exponent.utf8[...] : text[mark...])
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x08: self.raw("\\b")
        case 0x0C: self.raw("\\f")
        case 0x0A: self.raw("\\n")
        case 0x0D: self.raw("\\r")
        case 0x09: self.raw("\\t")
        case UInt8(ascii: "\""): self.raw("\\\"")
        case UInt8(ascii: "\\"): self.raw("\\\\")
        default:
            self.raw("\\u00")
            self.bytes.append(Hexadecimal.digit(byte >> 4))
            self.bytes.append(Hexadecimal.digit(byte & 15))
        }
    }
}

/// Lowercase hexadecimal digits.
enum Hexadecimal {
    /// The digit of a value below sixteen.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }
}
