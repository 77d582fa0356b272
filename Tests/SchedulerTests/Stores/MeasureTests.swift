import Foundation
import Supervision
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanScheduler

#if canImport(Glibc)
    import Glibc
#endif

/// Figures, not verdicts: run by hand with WINGMAN_SCHEDULER_MEASURE=1, best in a release build.
@Suite(
    "What schedules cost",
    .serialized,
    .enabled(if: ProcessInfo.processInfo.environment["WINGMAN_SCHEDULER_MEASURE"] != nil)
)
struct MeasureTests {
    @Test("ten thousand of them, idle for twenty seconds", arguments: StoreTests.Kind.allCases)
    func idle(kind: StoreTests.Kind) async throws {
        try await StoreTests.with(kind) { open in
            let rig = Rig(store: try await open(), time: TimerThread.shared)
            let began = TimerThread.shared.now
            let process = rig.start(store: try await open()) {
                for number in 0..<10_000 { Cron("0 4 1 1 * Europe/Berlin", id: "s\(number)") { Sweep() } }
            }
            try await eventually("all records") {
                try await rig.keys.ids().count
            } until: {
                $0 == 10_000
            }
            let recorded = TimerThread.shared.now
            // The first look at what it has written itself.
            try await TimerThread.shared.sleep(for: .seconds(5))
            let (cpu, start) = (Self.processorSeconds, TimerThread.shared.now)
            try await TimerThread.shared.sleep(for: .seconds(20))
            let share = (Self.processorSeconds - cpu) / ((TimerThread.shared.now - start) / .seconds(1))
            print("\(kind): recorded in \((recorded - began) / .seconds(1)) s, then \(share * 100) % of a core")
            await process.stop()
        }
    }

    /// POSIX has a million ticks to the second.
    private static var processorSeconds: Double { Double(clock()) / 1e6 }
}
