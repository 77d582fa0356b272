import Supervision
public import Wingman

/// Hands messages from a list of the store to the services of this process.
///
/// ```swift
/// var plugins: PluginList {
///     RemoteOrchestrator(list: "requests")
/// }
/// ```
///
/// Any program `LPUSH`es `{"client":"mailer","body":…}` to the list; the bytes of the body reach the service supervised
/// as `mailer`, if it is a `MessageHandler`. The service is looked up for each message, so that a restarted one gets the
/// next. What cannot be handled goes to the dead-letter list with its reason. See the README beside this file.
public struct RemoteOrchestrator: Plugin {
    /// `orchestrator`.
    public let name = "orchestrator"

    let options: OrchestratorOptions

    /// An orchestrator of one list.
    ///
    /// - Parameters:
    ///   - list: The list's key in the store.
    ///   - deadLetterList: Where messages go that cannot be handled; by default the list's key and `:dead`.
    ///   - routeTimeout: How long a message waits for a service that is just being restarted.
    ///   - messageLimit: The largest message, in bytes.
    public init(
        list: String = "requests",
        deadLetterList: String? = nil,
        routeTimeout: Duration = .seconds(5),
        messageLimit: Int = 1 << 20
    ) {
        self.options = OrchestratorOptions(
            list: list,
            deadLetterList: deadLetterList ?? "\(list):dead",
            routeTimeout: routeTimeout,
            messageLimit: messageLimit
        )
    }

    /// Adds the service `orchestrator`.
    ///
    /// - Throws: `ConfigurationError` with every option that cannot work.
    public func configure(_ host: inout PluginHost) throws {
        let options = self.options
        let faults = options.faults
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        host.takesMessages(from: options.list)
        host.add(
            ServiceDeclaration("orchestrator", executor: host.mode == .server ? Self.thread : nil) { environment in
                OrchestratorService(options: options, environment: environment)
            }
        )
    }

    /// Jobs that compute hold the cooperative pool; a stop has to find the orchestrator all the same, so that what it holds
    /// goes back in time. Lives as long as the process.
    private static let thread = TimerThread(name: "orchestrator")
}

/// What an orchestrator was told.
struct OrchestratorOptions: Sendable, Equatable {
    var list: String
    var deadLetterList: String
    var routeTimeout: Duration
    var messageLimit: Int

    var faults: [String] {
        var faults: [String] = []
        if self.list.isEmpty { faults.append("`list` is empty: name the list that messages are pushed to") }
        if self.deadLetterList.isEmpty { faults.append("`deadLetterList` is empty: name one, or leave it out") }
        if self.list == self.deadLetterList {
            faults.append(
                "`deadLetterList` is the list itself, \"\(self.list)\": a bad message would go round for ever"
            )
        }
        if self.routeTimeout < .zero { faults.append("`routeTimeout` is negative: use zero for no waiting") }
        if self.messageLimit < 1 { faults.append("`messageLimit` is \(self.messageLimit): allow at least one byte") }
        return faults
    }
}
