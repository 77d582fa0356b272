import Testing
import Wingman

@testable import WingmanScheduler

@Suite("The entries of a scheduler")
struct SchedulerOptionsTests {
    struct Sweep: Job {
        static let name = "Sweep"
        func perform(_ context: JobContext) async throws {}
    }

    @Test("are sound as most people write them")
    func sound() {
        let scheduler = Scheduler {
            Every(.minutes(5)) { Sweep() }
            Every(.minutes(10)) { Sweep() }
            Every(.minutes(10), id: "another") { Sweep() }
        }
        #expect(scheduler.entries.map(\.id) == ["Sweep/300s", "Sweep/600s", "another"])
        #expect(Scheduler.faults(in: scheduler.entries).isEmpty)
    }

    @Test("are refused together, each fault with its entry")
    func faults() {
        let scheduler = Scheduler {
            Every(.seconds(0)) { Sweep() }
            Every(.days(367), id: "rare") { Sweep() }
            Every(.hours(.max), id: "never") { Sweep() }
            Every(.minutes(5)) { Sweep() }
            Every(.seconds(300)) { Sweep() }
        }
        let faults = Scheduler.faults(in: scheduler.entries)
        #expect(faults.count == 4)
        #expect(faults[0].contains("Sweep/0s"))
        #expect(faults[1].contains("rare"))
        #expect(faults[2].contains("never"))
        #expect(faults[3] == "two schedules have the id \"Sweep/300s\": give one of them another `id:`")
    }
}
