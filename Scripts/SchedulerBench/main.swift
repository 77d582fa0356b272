import Foundation
import WingmanCommand

// scheduler-bench        measures: Scripts/bench scheduler
// scheduler-bench run …  a worker with as many schedules as BENCH_SCHEDULES says, of the mix BENCH_MIX; it measures this one
if CommandLine.arguments.count > 1 {
    await BenchApp.main()
} else {
    let only = ProcessInfo.processInfo.environment["ONLY"]
    if only != "service" { RecurrenceBench.run() }
    if only != "next" { try await ServiceBench().run() }
}
