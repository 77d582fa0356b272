import Supervision
import Synchronization
public import Wingman

/// Hands messages from a list of the store to the services of this process, by their names.
///
/// ```swift
/// var plugins: PluginList {
///     RemoteOrchestrator(list: "requests")
/// }
/// ```
///
/// Any program `LPUSH`es `{"client":"mailer","body":…}` to the list; the body reaches the service supervised as `mailer`,
/// if it is an ``InboundHandler`` or a `MessageHandler`. What cannot be handled becomes a dead letter, with its reason. See
/// the README beside this file.
public struct RemoteOrchestrator: Plugin {
    /// `orchestrator`.
    public let name = OrchestratorKeys.namespace

    let code: CodeOptions
    let state = OrchestratorState()

    /// An orchestrator of one list. Everything can be said by file and environment as well.
    ///
    /// - Parameters:
    ///   - list: The list's key in the store; by default `requests`.
    ///   - deadLetterList: Where messages go that cannot be handled; by default the list's key and `:dead`.
    ///   - routeTimeout: How long a message waits for a service that is just being restarted; by default 5 s.
    ///   - messageLimit: The largest message, in bytes; by default 1 MiB.
    ///   - replyPrefixes: What lists of replies must begin with; by default `replies:`.
    ///   - holdWhenParked: Whether messages of a service that keeps failing in every process wait; else they become dead
    ///     letters. By default they wait.
    ///   - unknownClients: What becomes of messages for services that nobody has; by default dead letters.
    public init(
        list: String? = nil,
        deadLetterList: String? = nil,
        routeTimeout: Duration? = nil,
        messageLimit: Int? = nil,
        replyPrefixes: [String]? = nil,
        holdWhenParked: Bool? = nil,
        unknownClients: UnknownClients? = nil
    ) {
        self.code = CodeOptions(
            list: list,
            deadLetterList: deadLetterList,
            routeTimeout: routeTimeout,
            messageLimit: messageLimit,
            replyPrefixes: replyPrefixes,
            holdWhenParked: holdWhenParked,
            unknownClients: unknownClients
        )
    }

    /// What it was told, once it is configured.
    var options: OrchestratorOptions { self.state.options }

    /// The options, and what they are for.
    public var descriptor: PluginDescriptor {
        PluginDescriptor(
            version: "1.0.0",
            help: "hands messages from a list to services, by their names",
            options: self.code.declarations
        )
    }

    /// Adds the service `orchestrator`, and the health check `router`.
    ///
    /// - Throws: `ConfigurationError` for options that do not fit together.
    public func configure(_ host: inout PluginHost) throws {
        let options = try CodeOptions.resolved(host)
        let state = self.state
        state.options = options
        host.claim(.list, options.list)
        let metrics = OrchestratorMetrics(host.metrics)
        let thread = host.mode == .server ? Self.thread : nil
        host.add(
            ServiceDeclaration("orchestrator", executor: thread) { environment in
                OrchestratorService(
                    Workshop(options: options, environment: environment, board: state.board, metrics: metrics)
                )
            }
        )
        let control = host.mode == .server ? Self.controlThread : nil
        host.add(
            ServiceDeclaration(ControlService.name(of: options.list), executor: control) { environment in
                ControlService(
                    environment: environment,
                    lanes: state.board,
                    names: options.names,
                    replyPrefixes: options.limits.replyPrefixes
                )
            }
        )
        host.on(.beat) { _ in state.board.noteLease() }
        host.check("router", every: .seconds(5)) { environment in
            await RouterCheck(board: state.board, environment: environment).health()
        }
    }

    /// Jobs that compute hold the cooperative pool; a stop has to find the orchestrator all the same, so that what it holds
    /// goes back in time. Lives as long as the process.
    private static let thread = TimerThread(name: "orchestrator")

    /// Another one: lanes that are busy must not delay an answer.
    private static let controlThread = TimerThread(name: "control")
}

/// What the parts of one orchestrator share that are made by the host: services, checks, commands.
final class OrchestratorState: Sendable {
    private let resolved = Mutex(OrchestratorOptions())
    /// What this process does with messages.
    let board = LaneBoard()

    /// What it was told.
    var options: OrchestratorOptions {
        get { self.resolved.withLock { $0 } }
        set { self.resolved.withLock { $0 = newValue } }
    }
}
