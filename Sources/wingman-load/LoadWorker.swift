import Wingman
import WingmanCommand
import WingmanRemoteOrchestrator

/// A worker for load and faults: benchmarks and fault campaigns drive it, by its own command line or from other programs.
@main
struct LoadWorker: WingmanApp {
    var jobs: JobList {
        NoOp.self
        Sleep.self
        Spin.self
        Record.self
        Fail.self
        Trap.self
        Deaf.self
    }

    var services: ServiceList {
        Supervise("recorder") { Recorder() }
    }

    var plugins: PluginList {
        RemoteOrchestrator()
    }
}
