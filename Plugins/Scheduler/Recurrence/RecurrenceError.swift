/// Why a text or a rule is no recurrence: what is wrong, where, and what would be right.
///
/// ```
/// minute, column 1: 60 is too large; allowed: 0-59
/// zone, column 11: there is no time zone "Europe/Berln"; near: Europe/Berlin, Europe/Bern
/// ```
public struct RecurrenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of the fault, for programs.
    public enum Code: String, Sendable {
        /// The text is not in the language: too long, foreign characters, a missing or an unknown part.
        case syntax
        /// A part is understood, but its value is not allowed.
        case value
        /// The recurrence has no occurrence, ever.
        case never
        /// There is no time zone of that name.
        case unknownZone
        /// This machine has no time zone data, or the file is damaged.
        case zoneData
    }

    /// The kind of the fault, for programs.
    public let code: Code
    /// The part at fault: `minute`, `day of month`, `zone`, `on`…
    public let field: String?
    /// Where it begins in the text, counted in bytes from 1; nil for a rule written in Swift.
    public let column: Int?
    /// What is wrong.
    public let message: String
    /// What the part may be.
    public let allowed: String?

    init(_ code: Code, field: String? = nil, column: Int? = nil, _ message: String, allowed: String? = nil) {
        self.code = code
        self.field = field
        self.column = column
        self.message = message
        self.allowed = allowed
    }

    /// One line: the place, the fault, what is allowed.
    public var description: String {
        let place = [self.field, self.column.map { "column \($0)" }].compactMap { $0 }.joined(separator: ", ")
        let start = place.isEmpty ? self.message : "\(place): \(self.message)"
        return self.allowed.map { "\(start); allowed: \($0)" } ?? start
    }

    /// A quotation of foreign text: at most 40 characters, control characters and all but ASCII replaced.
    static func quote(_ bytes: some Collection<UInt8>) -> String {
        let shown = bytes.prefix(40).map { byte in
            0x20..<0x7f ~= byte ? Character(UnicodeScalar(byte)) : "?"
        }
        return "\"\(String(shown))\(bytes.count > 40 ? "…" : "")\""
    }
}
