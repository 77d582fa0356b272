/// Turns string literals that the scanner has passed into text.
package enum JSONString {
    /// The text of a literal, given with its quotes.
    ///
    /// A lone surrogate (`"\ud800"`), which JSON's grammar allows but Unicode does not, becomes U+FFFD.
    package static func decode(_ literal: ArraySlice<UInt8>) -> String {
        let body = literal.dropFirst().dropLast()
        guard let firstEscape = body.firstIndex(of: UInt8(ascii: "\\")) else {
            return String(decoding: body, as: UTF8.self)
        }
        var text = Array(body[..<firstEscape])
        text.reserveCapacity(body.count)
        var rest = body[firstEscape...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") {
                Self.unescape(&rest, into: &text)
            } else {
                text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func unescape(_ rest: inout ArraySlice<UInt8>, into text: inout [UInt8]) {
        switch rest.popFirst() {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(Self.character(&rest)).utf8)
        case let byte?: text.append(byte)
        case nil: break
        }
    }

    /// Reads the four digits behind `\u`, and the second half of a surrogate pair where one follows.
    private static func character(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        let first = Self.codeUnit(rest)
        rest = rest.dropFirst(4)
        if let scalar = Unicode.Scalar(first) { return scalar }
        let next = rest.dropFirst(2)
        guard first < 0xDC00, rest.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return "\u{FFFD}" }
        let second = Self.codeUnit(next)
        guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
        rest = next.dropFirst(4)
        return Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)) ?? "\u{FFFD}"
    }

    private static func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt16 {
        digits.prefix(4).reduce(0) { $0 << 4 | UInt16(JSONScanner.hexadecimalValue(of: $1) ?? 0) }
    }
}
