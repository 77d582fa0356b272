import Wingman

/// The options as the code gives them, and as they are declared.
struct CodeOptions: Sendable {
    let list: String?
    let deadLetterList: String?
    let routeTimeout: Duration?
    let messageLimit: Int?
    let replyPrefixes: [String]?
    let holdWhenParked: Bool?
    let unknownClients: UnknownClients?

    static let listOption = PluginOption("list", default: "requests", help: "the list that messages are pushed to") {
        $0.isEmpty ? "name the list that messages are pushed to" : nil
    }
    static let deadLetterListOption = PluginOption<String?>(
        "deadLetterList",
        default: nil,
        help: "where messages go that cannot be handled; the list and :dead by default"
    ) { $0 == "" ? "name a list, or leave it out" : nil }
    static let routeTimeoutOption = PluginOption(
        "routeTimeout",
        default: Duration.seconds(5),
        help: "how long a message waits for a service that is being restarted"
    ) { $0 < .zero ? "use zero for no waiting" : nil }
    static let holdWhenParkedOption = PluginOption(
        "holdWhenParked",
        default: true,
        help: "messages of a service that keeps failing in every process wait; else they become dead letters"
    )
    static let messageLimitOption = PluginOption(
        "messageLimit",
        default: 1 << 20,
        help: "the largest message, in bytes; larger ones are not read"
    ) { $0 < 1 ? "allow at least one byte" : nil }
    static let replyPrefixesOption = PluginOption(
        "replyPrefixes",
        default: ["replies:"],
        help: "what the lists of replies must begin with"
    ) { $0.contains("") ? "an empty prefix lets senders write to any list" : nil }
    static let unknownClientsOption = PluginOption(
        "unknownClients",
        default: UnknownClients.dead,
        help: "what becomes of messages for services that nobody has"
    )
    static let deadLettersOption = PluginOption(
        "deadLetters",
        default: 10_000,
        help: "how many dead letters are kept; the oldest go first"
    ) { $0 < 1 ? "keep at least one" : nil }
    static let deadLetterAgeOption = PluginOption(
        "deadLetterAge",
        default: Duration.seconds(30 * 86_400),
        help: "how long dead letters are kept"
    ) { $0 <= .zero ? "use more than zero" : nil }

    /// As the descriptor lists them.
    var declarations: [OptionDeclaration] {
        [
            Self.listOption.inCode(self.list),
            Self.deadLetterListOption.inCode(self.deadLetterList.map { .some($0) }),
            Self.routeTimeoutOption.inCode(self.routeTimeout),
            Self.holdWhenParkedOption.inCode(self.holdWhenParked),
            Self.messageLimitOption.inCode(self.messageLimit),
            Self.replyPrefixesOption.inCode(self.replyPrefixes),
            Self.unknownClientsOption.inCode(self.unknownClients),
            Self.deadLettersOption.inCode(nil),
            Self.deadLetterAgeOption.inCode(nil),
        ]
    }

    /// What counts in the end.
    ///
    /// - Throws: `ConfigurationError` for options that do not fit together.
    static func resolved(_ host: PluginHost) throws -> OrchestratorOptions {
        let list = try host.value(of: Self.listOption)
        let deadLetterList = try host.value(of: Self.deadLetterListOption) ?? "\(list):dead"
        guard list != deadLetterList else {
            throw ConfigurationError([
                "`deadLetterList` is the list itself, \"\(list)\": a bad message would go round for ever"
            ])
        }
        return OrchestratorOptions(
            list: list,
            deadLetterList: deadLetterList,
            routeTimeout: try host.value(of: Self.routeTimeoutOption),
            holdsWhenParked: try host.value(of: Self.holdWhenParkedOption),
            unknownClients: try host.value(of: Self.unknownClientsOption),
            limits: Limits(
                bytes: try host.value(of: Self.messageLimitOption),
                replyPrefixes: try host.value(of: Self.replyPrefixesOption)
            ),
            deadLetters: DeadLetterLimits(
                count: try host.value(of: Self.deadLettersOption),
                age: try host.value(of: Self.deadLetterAgeOption)
            )
        )
    }
}
