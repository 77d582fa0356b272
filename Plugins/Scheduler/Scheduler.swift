import Supervision
public import Wingman

/// Enqueues jobs again and again, each occurrence once however many processes run.
///
/// ```swift
/// var plugins: PluginList {
///     Scheduler {
///         Every(.minutes(5)) { Sweep() }
///         Every(.hours(24)) { Digest() }
///     }
/// }
/// ```
///
/// In server mode it adds one supervised service, `scheduler`. Which process enqueues an occurrence is decided by the
/// store, by its own clock, in one step; there is no leader to lose. What was missed while no process ran is made up by
/// one job, not by many. See the README beside this file.
public struct Scheduler: Plugin {
    /// `scheduler`.
    public let name = "scheduler"

    let entries: [ScheduleEntry]

    /// A scheduler of the entries listed.
    public init(@ScheduleBuilder _ entries: () -> [ScheduleEntry]) {
        self.entries = entries()
    }

    /// Adds the service `scheduler`.
    ///
    /// - Throws: `ConfigurationError` with every entry whose interval is not allowed or whose id is taken.
    public func configure(_ host: inout PluginHost) throws {
        let faults = Self.faults(in: self.entries)
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        guard !self.entries.isEmpty else { return }
        let entries = self.entries
        for entry in entries { host.claim(.schedule, entry.id) }
        let gate = Gate()
        host.on(.quiet) { _ in gate.close() }
        host.add(
            ServiceDeclaration("scheduler", executor: host.mode == .server ? Self.thread : nil) { environment in
                SchedulerService(entries: entries, environment: environment, gate: gate)
            }
        )
    }

    /// Jobs that compute hold the cooperative pool; a schedule has to be on time all the same. Lives as long as the process.
    private static let thread = TimerThread(name: "scheduler")

    static func faults(in entries: [ScheduleEntry]) -> [String] {
        var faults: [String] = []
        var seen: Set<String> = []
        for entry in entries {
            if !Interval.allowed.contains(entry.interval.seconds) {
                faults.append(
                    "schedule \"\(entry.id)\" repeats every \(entry.interval): use an interval from 1 s to 366 days"
                )
            }
            if !seen.insert(entry.id).inserted {
                faults.append("two schedules have the id \"\(entry.id)\": give one of them another `id:`")
            }
        }
        return faults
    }
}
