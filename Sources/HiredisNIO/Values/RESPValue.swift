/// A reply of Redis, or an element of one.
///
/// Bulk strings are `[UInt8]`: hiredis' buffer is reused, so each string is copied out exactly once, and an array of bytes
/// is what the job host keeps as a payload. (A slice of one shared buffer would spare an allocation, but one small job
/// would keep a whole reply of hundreds in memory.)
public enum RESPValue: Sendable, Equatable {
    /// A status line such as `OK`.
    case simpleString(String)
    /// Any bytes.
    case bulkString([UInt8])
    /// A signed 64-bit number.
    case integer(Int)
    /// Elements, errors and further arrays among them.
    case array([RESPValue])
    /// The nil string or the nil array.
    case null
    /// An error, at the top or as an element (of EXEC, or of a script's answer).
    case error(RedisServerError)
}

/// Reading without traps: what is not there, or of another type, is nil.
extension RESPValue {
    /// Whether this is the status `OK`.
    public var isOK: Bool { self == .simpleString("OK") }

    /// Whether this is nil.
    public var isNull: Bool { self == .null }

    /// The bytes of a bulk or simple string.
    public var bytes: [UInt8]? {
        switch self {
        case .bulkString(let bytes): bytes
        case .simpleString(let text): Array(text.utf8)
        case .integer, .array, .null, .error: nil
        }
    }

    /// The text of a bulk or simple string; nil when the bytes are not UTF-8.
    public var string: String? {
        switch self {
        case .simpleString(let text): text
        case .bulkString(let bytes): String(validating: bytes, as: UTF8.self)
        case .integer, .array, .null, .error: nil
        }
    }

    /// An integer, or the integer that a string spells in decimal digits.
    public var integer: Int? {
        if case .integer(let value) = self { return value }
        return self.string.flatMap { Int($0) }
    }

    /// A number: an integer, or the number that a string spells (a score, for instance).
    public var double: Double? {
        if case .integer(let value) = self { return Double(value) }
        return self.string.flatMap { Double($0) }
    }

    /// The elements of an array.
    public var array: [RESPValue]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    /// The error, if this is one.
    public var error: RedisServerError? {
        if case .error(let error) = self { return error }
        return nil
    }

    /// The element at `index` of an array; nil beyond its ends and for every other type.
    public subscript(index: Int) -> RESPValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The type's name, for messages about an unexpected reply. Never the content.
    public var typeName: String {
        switch self {
        case .simpleString: "status"
        case .bulkString: "string"
        case .integer: "integer"
        case .array(let elements): "array of \(elements.count)"
        case .null: "nil"
        case .error(let error): "error \(error.code)"
        }
    }
}
