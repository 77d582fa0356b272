#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An element that is text inside a JSON string.
private protocol JSONTextElement: JSONElement {
    /// Nil for a value that has no text.
    var elementText: String? { get }

    init?(elementText: String)
}

extension JSONTextElement {
    static var expectation: String { "a string with \(Self.demand)" }

    func write(to writer: inout JSONWriter) -> Bool {
        guard let text = self.elementText else { return false }
        writer.string(text)
        return true
    }

    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self> {
        guard literal.first == UInt8(ascii: "\"") else { return .wrongType }
        return Self(elementText: JSONString.decode(literal)).map { .value($0) } ?? .notAccepted
    }
}

/// `2026-11-22T04:45:00.000Z`
extension Date: JSONTextElement {
    static var demand: String { "a date in ISO 8601, of the years 0 to 9999" }

    var elementText: String? { ISO8601.text(of: self) }

    init?(elementText: String) {
        guard let date = ISO8601.date(from: elementText) else { return nil }
        self = date
    }
}

/// Upper case, as Foundation writes it; read in either.
extension UUID: JSONTextElement {
    static var demand: String { "a UUID" }

    var elementText: String? { self.uuidString }

    init?(elementText: String) { self.init(uuidString: elementText) }
}

/// Base 64 in one line; line breaks are read, since Ruby's older encoder writes them.
extension Data: JSONTextElement {
    static var demand: String { "base 64" }

    var elementText: String? { self.base64EncodedString() }

    init?(elementText: String) {
        self.init(base64Encoded: String(elementText.filter { !$0.isNewline }))
    }
}

/// The absolute text.
extension URL: JSONTextElement {
    static var demand: String { "a URL" }

    var elementText: String? { self.absoluteString }

    init?(elementText: String) { self.init(string: elementText) }
}

/// A number with all its digits.
extension Decimal: JSONElement {
    static var expectation: String { "a number" }
    static var demand: String { "a decimal number of at most 38 digits" }

    func write(to writer: inout JSONWriter) -> Bool {
        guard self.isFinite else { return false }
        writer.raw(self.description.utf8)
        return true
    }

    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self> {
        guard JSONElements.isNumber(literal) else { return .wrongType }
        // Its parser is quadratic and gives up somewhere beyond; no decimal number needs more text than this.
        guard literal.count <= 200, let value = Decimal(string: String(decoding: literal, as: UTF8.self)) else {
            return .notAccepted
        }
        return value.isFinite ? .value(value) : .notAccepted
    }
}
