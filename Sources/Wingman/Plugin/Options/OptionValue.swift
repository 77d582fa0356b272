/// A value as a source of options has it: what JSON and environment variables can say.
public enum OptionContent: Sendable, Equatable {
    /// Text.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// A number.
    case number(Double)
    /// True or false.
    case flag(Bool)
    /// Several texts.
    case texts([String])

    /// Which of them is wanted of a source: environment variables are text only, so the source has to be told.
    public enum Kind: String, Sendable, CaseIterable {
        /// ``OptionContent/text(_:)``.
        case text
        /// ``OptionContent/integer(_:)``.
        case integer
        /// ``OptionContent/number(_:)``.
        case number
        /// ``OptionContent/flag(_:)``.
        case flag
        /// ``OptionContent/texts(_:)``.
        case texts
    }
}

/// What an option can hold: text, numbers, flags, durations, choices, lists of texts, and optionals of them.
///
/// An enum of texts becomes a choice by declaring `OptionValue` beside `String` and `CaseIterable`.
public protocol OptionValue: Sendable {
    /// What it is called in the table of options: `duration`.
    static var optionType: String { get }
    /// What is expected where something else was found: `a duration such as 250ms, 5s or 2m`.
    static var optionExpectation: String { get }
    /// What a source is asked for.
    static var optionKind: OptionContent.Kind { get }
    /// The value that `content` means; nil if it means none.
    init?(optionContent content: OptionContent)
    /// The value as people write it.
    var optionText: String { get }
}

extension String: OptionValue {
    /// `text`.
    public static var optionType: String { "text" }
    /// A text.
    public static var optionExpectation: String { "a text" }
    /// Text.
    public static var optionKind: OptionContent.Kind { .text }

    /// The text itself.
    public init?(optionContent content: OptionContent) {
        guard case .text(let text) = content else { return nil }
        self = text
    }

    /// The text itself.
    public var optionText: String { self }
}

extension Int: OptionValue {
    /// `integer`.
    public static var optionType: String { "integer" }
    /// A whole number.
    public static var optionExpectation: String { "a whole number" }
    /// A whole number.
    public static var optionKind: OptionContent.Kind { .integer }

    /// The number itself.
    public init?(optionContent content: OptionContent) {
        guard case .integer(let number) = content else { return nil }
        self = number
    }

    /// In decimal.
    public var optionText: String { "\(self)" }
}

extension Double: OptionValue {
    /// `number`.
    public static var optionType: String { "number" }
    /// A number.
    public static var optionExpectation: String { "a number" }
    /// A number.
    public static var optionKind: OptionContent.Kind { .number }

    /// The number itself, if it is finite.
    public init?(optionContent content: OptionContent) {
        guard case .number(let number) = content, number.isFinite else { return nil }
        self = number
    }

    /// In decimal.
    public var optionText: String { "\(self)" }
}

extension Bool: OptionValue {
    /// `flag`.
    public static var optionType: String { "flag" }
    /// True or false.
    public static var optionExpectation: String { "true or false" }
    /// A flag.
    public static var optionKind: OptionContent.Kind { .flag }

    /// The flag itself.
    public init?(optionContent content: OptionContent) {
        guard case .flag(let flag) = content else { return nil }
        self = flag
    }

    /// `true` or `false`.
    public var optionText: String { "\(self)" }
}

extension [String]: OptionValue {
    /// `texts`.
    public static var optionType: String { "texts" }
    /// Several texts.
    public static var optionExpectation: String { "a list of texts (comma-separated in the environment)" }
    /// Several texts.
    public static var optionKind: OptionContent.Kind { .texts }

    /// The texts themselves.
    public init?(optionContent content: OptionContent) {
        guard case .texts(let texts) = content else { return nil }
        self = texts
    }

    /// With commas.
    public var optionText: String { self.joined(separator: ",") }
}

extension Optional: OptionValue where Wrapped: OptionValue {
    /// The type inside.
    public static var optionType: String { Wrapped.optionType }
    /// What the type inside expects.
    public static var optionExpectation: String { Wrapped.optionExpectation }
    /// As the type inside.
    public static var optionKind: OptionContent.Kind { Wrapped.optionKind }

    /// A value of the type inside.
    public init?(optionContent content: OptionContent) {
        guard let value = Wrapped(optionContent: content) else { return nil }
        self = .some(value)
    }

    /// `–` for none.
    public var optionText: String { self?.optionText ?? "–" }
}

extension OptionValue where Self: CaseIterable & RawRepresentable, RawValue == String {
    /// The choices.
    public static var optionType: String { Self.allCases.map(\.rawValue).joined(separator: "|") }
    /// The choices.
    public static var optionExpectation: String { "one of " + Self.allCases.map(\.rawValue).joined(separator: ", ") }
    /// Text.
    public static var optionKind: OptionContent.Kind { .text }

    /// The choice of that name.
    public init?(optionContent content: OptionContent) {
        guard case .text(let text) = content else { return nil }
        self.init(rawValue: text)
    }

    /// The name of the choice.
    public var optionText: String { self.rawValue }
}
