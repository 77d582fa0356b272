/// One JSON object read in place: its members by name, as bytes or as text. For messages that are no jobs.
///
/// The whole text is checked once; nothing in it can trap or overflow the stack: nesting deeper than a hundred levels is
/// refused. Where a name is used twice the last one counts, as in Ruby.
public struct JSONObjectView: Sendable {
    private let bytes: [UInt8]
    private let members: [String: Range<Int>]

    /// Checks `bytes` and notes where the members are.
    public init(_ bytes: [UInt8]) throws(JSONObjectError) {
        do throws(JSONError) {
            try JSONText.validate(bytes)
            var members: [String: Range<Int>] = [:]
            for member in try JSONText.members(of: bytes, in: 0..<bytes.count) {
                members[JSONString.decode(bytes[member.key])] = member.value
            }
            self.bytes = bytes
            self.members = members
        } catch {
            throw JSONObjectError(error)
        }
    }

    /// The names of the members, sorted.
    public var names: [String] { self.members.keys.sorted() }

    /// The JSON text of a member, nil if there is none.
    public func value(of name: String) -> ArraySlice<UInt8>? {
        self.members[name].map { self.bytes[$0] }
    }

    /// The text of a member that is a string, nil if there is none or if it is no string.
    public func string(_ name: String) -> String? {
        guard let value = self.value(of: name), value.first == UInt8(ascii: "\"") else { return nil }
        return JSONString.decode(value)
    }
}

/// Why bytes cannot be read as a JSON object: never what they hold.
public struct JSONObjectError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds of fault.
    public enum Kind: String, Sendable {
        /// The bytes are not JSON, or nested too deep.
        case notJSON
        /// The JSON is an array, a string, a number, a boolean or null.
        case notAnObject
    }

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong and where.
    public let description: String

    init(_ error: JSONError) {
        self.kind = error.reason == .objectExpected ? .notAnObject : .notJSON
        self.description = "\(error)"
    }
}
