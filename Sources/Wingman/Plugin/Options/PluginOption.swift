/// Something that can be set about a plugin: in code, in a file, by the environment.
///
/// ```swift
/// static let limit = PluginOption("limit", default: Duration.seconds(60), help: "older jobs are warned about")
/// static let token = PluginOption<String>("token", help: "the pager's key", isSecret: true)   // has to be given
///
/// var descriptor: PluginDescriptor {
///     PluginDescriptor(help: "…", options: [Self.limit.inCode(self.limit), Self.token.inCode(self.token)])
/// }
///
/// func configure(_ host: inout PluginHost) throws {
///     let limit = try host.value(of: Self.limit)
/// }
/// ```
///
/// What the environment says counts before what the file says, and that before what the code says: who runs a program
/// overrules who wrote it.
public struct PluginOption<Value: OptionValue>: Sendable {
    /// What it is called, in lower camel case: `routeTimeout`.
    public let name: String
    /// The value of those who give none; nil: it has to be given.
    public let standard: Value?
    /// What it does, in one line.
    public let help: String
    /// Whether its value is never shown.
    public let isSecret: Bool
    /// What is wrong with a value, as an advice; nil if nothing is.
    let fault: @Sendable (Value) -> String?

    /// An option that has a default.
    ///
    /// - Parameters:
    ///   - name: In lower camel case; in the environment it is `WINGMAN_<PLUGIN>_<NAME>` in capitals.
    ///   - standard: The value of those who give none.
    ///   - help: What it does, in one line.
    ///   - isSecret: Never show the value.
    ///   - fault: Says what to do about a value that cannot work, such as `allow at least one byte`; nil if it can.
    public init(
        _ name: String,
        default standard: Value,
        help: String,
        isSecret: Bool = false,
        fault: @escaping @Sendable (Value) -> String? = { _ in nil }
    ) {
        self.name = name
        self.standard = standard
        self.help = help
        self.isSecret = isSecret
        self.fault = fault
    }

    /// An option that has to be given.
    public init(
        _ name: String,
        help: String,
        isSecret: Bool = false,
        fault: @escaping @Sendable (Value) -> String? = { _ in nil }
    ) {
        self.name = name
        self.standard = nil
        self.help = help
        self.isSecret = isSecret
        self.fault = fault
    }

    /// The option as it stands in a ``PluginDescriptor``, with the value that the code gives.
    ///
    /// - Parameter value: Nil if the code gives none.
    public func inCode(_ value: Value?) -> OptionDeclaration {
        OptionDeclaration(self, value: value)
    }
}

/// An option of a plugin with its type erased: what the host reads and `plugins NAME` shows.
public struct OptionDeclaration: Sendable {
    /// What it is called.
    public let name: String
    /// The type of its value: `duration`.
    public let type: String
    /// The default as text; nil if it has to be given.
    public let standard: String?
    /// What it does, in one line.
    public let help: String
    /// Whether its value is never shown.
    public let isSecret: Bool

    let kind: OptionContent.Kind
    let expectation: String
    let standardReading: OptionReading?
    let codeReading: OptionReading?
    let read: @Sendable (OptionContent) -> OptionReading?

    init<Value: OptionValue>(_ option: PluginOption<Value>, value: Value?) {
        let reading: @Sendable (Value) -> OptionReading = { value in
            OptionReading(value: value, text: value.optionText, fault: option.fault(value))
        }
        self.name = option.name
        self.type = Value.optionType
        self.standard = option.standard?.optionText
        self.help = option.help
        self.isSecret = option.isSecret
        self.kind = Value.optionKind
        self.expectation = Value.optionExpectation
        self.standardReading = option.standard.map(reading)
        self.codeReading = value.map(reading)
        self.read = { content in Value(optionContent: content).map(reading) }
    }
}

/// A value of an option, and what is wrong with it.
struct OptionReading: Sendable {
    let value: any Sendable
    let text: String
    let fault: String?
}
