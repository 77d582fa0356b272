public import Wingman

/// What an orchestrator was told, after code, file and environment.
struct OrchestratorOptions: Sendable, Equatable {
    var list = OrchestratorKeys.defaultList
    var deadLetterList = "requests:dead"
    var routeTimeout = Duration.seconds(5)
    var holdsWhenParked = true
    var unknownClients = UnknownClients.dead
    var limits = Limits()
    var deadLetters = DeadLetterLimits()

    var names: OrchestratorNames { OrchestratorNames(list: self.list, deadLetters: self.deadLetterList) }
}

/// How many dead letters are kept, and for how long.
struct DeadLetterLimits: Sendable, Equatable {
    var count = 10_000
    var age = Duration.seconds(30 * 86_400)
}

/// What becomes of messages for services that no program of this kind has.
public enum UnknownClients: Sendable, Hashable, OptionValue {
    /// A dead letter at once.
    case dead
    /// They wait, for a service that comes with the next deployment; then a dead letter.
    case hold(for: Duration)
    /// Another service handles them; `InboundContext.client` tells it whom they were for.
    case to(String)

    /// `dead|hold:<time>|to:<service>`.
    public static var optionType: String { "dead|hold:<time>|to:<service>" }
    /// `dead`, `hold:5m` or `to:mailer`.
    public static var optionExpectation: String { "dead, hold:5m or to:mailer" }
    /// Text.
    public static var optionKind: OptionContent.Kind { .text }

    /// `dead`, `hold:` and a time, or `to:` and the name of a service.
    public init?(optionContent content: OptionContent) {
        guard case .text(let text) = content else { return nil }
        if text == "dead" {
            self = .dead
        } else if text.hasPrefix("hold:"), let time = Duration(optionContent: .text(String(text.dropFirst(5)))) {
            self = .hold(for: time)
        } else if text.hasPrefix("to:"), text.count > 3 {
            self = .to(String(text.dropFirst(3)))
        } else {
            return nil
        }
    }

    /// As it is written.
    public var optionText: String {
        switch self {
        case .dead: "dead"
        case .hold(let time): "hold:\(time.optionText)"
        case .to(let name): "to:\(name)"
        }
    }
}
