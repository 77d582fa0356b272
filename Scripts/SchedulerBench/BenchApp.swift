import Foundation
import Wingman
import WingmanScheduler

/// The worker that is measured: nothing but schedules, whose jobs nobody runs.
struct BenchApp: WingmanApp {
    var jobs: JobList { Nothing.self }

    var plugins: PluginList {
        Scheduler { self.entries }
    }

    private var entries: [ScheduleEntry] {
        let environment = ProcessInfo.processInfo.environment
        let mix = environment["BENCH_MIX"].flatMap(Mix.init) ?? .idle
        let count = environment["BENCH_SCHEDULES"].flatMap(Int.init) ?? 0
        return (0..<count).map { number in Cron(mix.spec(number), id: "schedule-\(number)") { Nothing() } }
    }

    struct Nothing: Job {
        static let options = JobOptions(queue: Mix.queue)
        func perform(_ context: JobContext) async throws {}
    }
}

/// What the schedules are.
enum Mix: String, CaseIterable {
    /// Nothing is due for a long time.
    case idle
    /// What an application with many customers has: most are daily, some hourly, a few of each minute; spread by `H`.
    case mixed
    /// All are due each minute, at the same second.
    case minutely

    static let queue = "bench"

    func spec(_ number: Int) -> String {
        switch self {
        case .idle: "H H 1 \((number % 2) + 4) * Europe/Berlin"
        case .minutely: "* * * * *"
        case .mixed:
            switch number % 100 {
            case 0: "H * * * * *"
            case 1..<5: "H H/5 * * * *"
            case 5..<15: "H H/15 * * * *"
            case 15..<40: "H H * * * *"
            default: "H H H * * * \(Self.zones[number % Self.zones.count])"
            }
        }
    }

    private static let zones = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "UTC"]
}
