#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A type whose JSON text Wingman decides itself, and has frozen; all other types code themselves from these.
protocol JSONElement {
    /// What an error calls the JSON that is expected: "an integer".
    static var expectation: String { get }

    /// What the text must be when its JSON type is right and its value is not: "a date in ISO 8601".
    static var demand: String { get }

    /// Appends the JSON text; returns false, having written nothing, for a value that has none.
    func write(to writer: inout JSONWriter) -> Bool

    /// Reads a scanned literal.
    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self>
}

/// What a literal is to an element's type.
enum JSONReading<Value> {
    case value(Value)
    case wrongType
    case notAccepted
}

extension Bool: JSONElement {
    static var expectation: String { "true or false" }
    static var demand: String { "true or false" }

    func write(to writer: inout JSONWriter) -> Bool {
        writer.boolean(self)
        return true
    }

    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self> {
        switch literal.first {
        case UInt8(ascii: "t"): .value(true)
        case UInt8(ascii: "f"): .value(false)
        default: .wrongType
        }
    }
}

extension String: JSONElement {
    static var expectation: String { "a string" }
    static var demand: String { "a string" }

    func write(to writer: inout JSONWriter) -> Bool {
        writer.string(self)
        return true
    }

    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self> {
        literal.first == UInt8(ascii: "\"") ? .value(JSONString.decode(literal)) : .wrongType
    }
}

/// Integers are exact or refused. `1.0` and `1e3` are integers too, since JavaScript may write them so; `1.5` is not.
protocol JSONIntegerElement: JSONElement, FixedWidthInteger {}

extension JSONIntegerElement {
    static var expectation: String { "an integer" }
    static var demand: String { "an integer from \(Self.min) to \(Self.max)" }

    func write(to writer: inout JSONWriter) -> Bool {
        writer.integer(self)
        return true
    }

    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self> {
        guard JSONElements.isNumber(literal) else { return .wrongType }
        switch JSONNumber.integer(literal, as: Self.self) {
        case .value(let value): return .value(value)
        case .fractional, .outOfRange: return .notAccepted
        }
    }
}

extension Int: JSONIntegerElement {}
extension Int8: JSONIntegerElement {}
extension Int16: JSONIntegerElement {}
extension Int32: JSONIntegerElement {}
extension Int64: JSONIntegerElement {}
extension Int128: JSONIntegerElement {}
extension UInt: JSONIntegerElement {}
extension UInt8: JSONIntegerElement {}
extension UInt16: JSONIntegerElement {}
extension UInt32: JSONIntegerElement {}
extension UInt64: JSONIntegerElement {}
extension UInt128: JSONIntegerElement {}

/// Floating-point numbers: an integer literal is fine, the nearest value is taken; infinities have no JSON.
protocol JSONFloatingElement: JSONElement, BinaryFloatingPoint, LosslessStringConvertible {}

extension JSONFloatingElement {
    static var expectation: String { "a number" }
    static var demand: String { "a finite number within \(Self.greatestFiniteMagnitude) either way" }

    /// The shortest digits of this type, in the spelling of a `Double`: a `Float` of 0.1 is `0.1`.
    func write(to writer: inout JSONWriter) -> Bool { writer.floating(Double(self.description) ?? .nan) }

    static func read(_ literal: ArraySlice<UInt8>) -> JSONReading<Self> {
        guard JSONElements.isNumber(literal) else { return .wrongType }
        return JSONNumber.floating(literal, as: Self.self).map { .value($0) } ?? .notAccepted
    }
}

extension Double: JSONFloatingElement {}
extension Float: JSONFloatingElement {}

enum JSONElements {
    static func isNumber(_ literal: ArraySlice<UInt8>) -> Bool {
        literal.first.map { JSONKind(firstByte: $0) } == .number
    }
}
