import Metrics
import Supervision
public import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Enqueues jobs again and again, each occurrence exactly once however many processes run.
///
/// ```swift
/// var plugins: PluginList {
///     Scheduler {
///         Every(.minutes(5)) { Sweep() }
///         Cron("0 4 * * sun Europe/Berlin") { Digest() }
///         Schedule(Every(2, .weeks).on(.monday).at("09:00"), zone: "Europe/Berlin") { Report() }.overlap(.skip)
///     }
/// }
/// ```
///
/// In server mode it adds the services `scheduler` and, in one process at a time, `scheduler-leader`. An occurrence is
/// enqueued by one atomic step in the store, by the store's clock, whichever process makes it. See the README beside this
/// file.
public struct Scheduler: Plugin {
    /// `scheduler`.
    public let name = Keys.namespace

    let entries: [ScheduleEntry]
    private let file: String?
    let state = SchedulerState()

    /// A scheduler of the entries listed.
    ///
    /// - Parameters:
    ///   - file: A JSON file with more of them; see the README.
    ///   - entries: The schedules.
    public init(file: String? = nil, @ScheduleBuilder _ entries: () -> [ScheduleEntry] = { [] }) {
        self.file = file
        self.entries = entries()
    }

    // MARK: Options

    static let fileOption = PluginOption<String?>("file", default: nil, help: "a JSON file with more schedules")
    static let catchUp = PluginOption(
        "catchUp",
        default: CatchUp.latest,
        help: "what becomes of late occurrences: skip, latest, all, or all:10:1d"
    )
    static let grace = PluginOption(
        "grace",
        default: Duration.seconds(30),
        help: "how late an occurrence is still in time; a second at least",
        fault: { $0 >= .zero ? nil : "use zero or more" }
    )
    static let overlap = PluginOption("overlap", default: Overlap.allow, help: "what happens while the job before runs")
    static let jitter = PluginOption(
        "jitter",
        default: Duration.zero,
        help: "spreads each schedule's occurrences over so much time",
        fault: { $0 >= .zero ? nil : "use zero or more" }
    )
    static let application = PluginOption<String?>(
        "application",
        default: nil,
        help: "whose schedules these are; the executable's name by default"
    )
    static let generation = PluginOption<Int?>(
        "generation",
        default: nil,
        help: "grows with each deployment; the executable's date by default"
    )
    static let vanishGrace = PluginOption(
        "vanishGrace",
        default: Duration.seconds(900),
        help: "how long a schedule stays that the newest deployment has no more"
    )

    /// The options, and what they are for.
    public var descriptor: PluginDescriptor {
        PluginDescriptor(
            version: "1.0.0",
            help: "enqueues jobs at their times, each exactly once",
            options: [
                Self.fileOption.inCode(self.file.map { .some($0) }), Self.catchUp.inCode(nil), Self.grace.inCode(nil),
                Self.overlap.inCode(nil), Self.jitter.inCode(nil), Self.application.inCode(nil),
                Self.generation.inCode(nil), Self.vanishGrace.inCode(nil),
            ]
        )
    }

    // MARK: Configuring

    /// Adds the services, the middleware around scheduled jobs, and the health check.
    ///
    /// - Throws: `ConfigurationError` with everything that is wrong with the schedules.
    public func configure(_ host: inout PluginHost) throws {
        let plan = try self.plan(host)
        for id in plan.entries.keys.sorted() { host.claim(.schedule, id) }
        let state = self.state
        state.plan = plan
        let metrics = SchedulerMetrics(host.metrics)
        host.settle(jobsWith: OccurrenceMember.name) { end, keys in JobEnds.effects(of: end, keys) }
        host.use(ScheduleWatch(state: state))
        host.add(
            ServiceDeclaration(
                "scheduler",
                heartbeat: Heartbeat(every: .seconds(5), missed: 6),
                executor: host.mode == .server ? Self.thread : nil
            ) { environment in
                SchedulerService(plan: plan, environment: environment, state: state, metrics: metrics)
            }
        )
        host.add(
            ServiceDeclaration("scheduler-leader", when: .leader, executor: host.mode == .server ? Self.thread : nil) {
                _ in
                SchedulerLeader(state: state)
            }
        )
        host.show("last tick") { state.tickText(at: TimerThread.shared.now) }
        host.show("lag") { metrics.lagText(at: TimerThread.shared.now) }
        host.check("loop", every: .seconds(5)) { environment in
            let now = environment.time.now
            if let age = state.tickAge(at: now) { metrics.tickAge.record(Double(age.wholeMilliseconds) / 1_000) }
            return state.health(at: now)
        }
    }

    /// Jobs that compute hold the cooperative pool; a schedule has to be on time all the same. Nothing of the app's runs
    /// here: see ``LimitedCalls``. Lives as long as the process.
    private static let thread = TimerThread(name: "scheduler")
}
