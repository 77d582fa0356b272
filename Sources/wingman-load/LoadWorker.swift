import Wingman
import WingmanCommand
import WingmanQueueLatency
import WingmanRemoteOrchestrator
import WingmanScheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A worker for load and faults: benchmarks and fault campaigns drive it, by its own command line or from other programs.
@main
struct LoadWorker: WingmanApp {
    var jobs: JobList {
        NoOp.self
        Sleep.self
        Spin.self
        Record.self
        Stubborn.self
        Fail.self
        Trap.self
        Deaf.self
        Tick.self
    }

    var services: ServiceList {
        Supervise("recorder") { Recorder() }
        if Self.takesMessages { InboundServices.all }
    }

    var plugins: PluginList {
        if let trouble = Self.trouble { Troublemaker(trouble: trouble) }
        if Self.measuresQueues { QueueLatency() }
        if Self.hasAnnex { Annex() }
        RemoteOrchestrator()
        if let path = Self.tickPath {
            Scheduler {
                Every(.seconds(1)) { Tick(path: path) }
            }
        }
    }

    /// With `WINGMAN_LOAD_INBOUND=1` it has handlers of every kind.
    private static var takesMessages: Bool { ProcessInfo.processInfo.environment["WINGMAN_LOAD_INBOUND"] == "1" }

    /// With `WINGMAN_LOAD_TROUBLE=crash` (or another of ``Troublemaker/Trouble``) the worker has a plugin that is ill, the
    /// first of them, so that the others come after it.
    private static var trouble: Troublemaker.Trouble? {
        ProcessInfo.processInfo.environment["WINGMAN_LOAD_TROUBLE"].flatMap(Troublemaker.Trouble.init)
    }

    /// With `WINGMAN_LOAD_LATENCY=1` it measures its queues.
    private static var measuresQueues: Bool { ProcessInfo.processInfo.environment["WINGMAN_LOAD_LATENCY"] == "1" }

    /// With `WINGMAN_LOAD_ANNEX=1` its list of plugins has a line more.
    private static var hasAnnex: Bool { ProcessInfo.processInfo.environment["WINGMAN_LOAD_ANNEX"] == "1" }

    /// With `WINGMAN_LOAD_TICKS=/some/file` in its environment the worker has a schedule, a ``Tick`` a second.
    private static var tickPath: String? { ProcessInfo.processInfo.environment["WINGMAN_LOAD_TICKS"] }
}
