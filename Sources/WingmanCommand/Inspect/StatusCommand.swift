import ArgumentParser
import Wingman
import WingmanCommandKit

/// `status`: how much is where in the store, and who works.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show queues, sets, statistics and processes."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let report = try await Program.environment().withStore(at: self.store.url) { store in
            StatusReport(
                store: store.location,
                counts: try await store.counts(),
                processes: try await store.processes().map(ProcessLine.init)
            )
        }
        if self.format.isJSON {
            try Output.json(report)
        } else {
            for line in report.lines { Output.line(line) }
        }
    }
}

/// What `status` tells.
struct StatusReport: Encodable {
    let store: String
    let queues: [String: Int]
    let inFlight: Int
    let scheduled: Int
    let scheduledDue: Int
    let retries: Int
    let retriesDue: Int
    let dead: Int
    let quarantined: Int
    let processed: Int
    let failed: Int
    let processes: [ProcessLine]

    init(store: String, counts: StoreCounts, processes: [ProcessLine]) {
        self.store = store
        self.queues = counts.queues
        self.inFlight = counts.inFlight
        self.scheduled = counts.scheduled
        self.scheduledDue = counts.scheduledDue
        self.retries = counts.retries
        self.retriesDue = counts.retriesDue
        self.dead = counts.dead
        self.quarantined = counts.quarantined
        self.processed = counts.processed
        self.failed = counts.failed
        self.processes = processes
    }

    /// For people.
    var lines: [String] {
        var queues = TextTable(["queue", "jobs"])
        for (name, length) in self.queues.sorted(by: { $0.key < $1.key }) { queues.add([name, "\(length)"]) }
        var sets = TextTable(["set", "jobs", "due"])
        sets.add(["in flight", "\(self.inFlight)", "0"])
        sets.add(["scheduled", "\(self.scheduled)", "\(self.scheduledDue)"])
        sets.add(["retries", "\(self.retries)", "\(self.retriesDue)"])
        sets.add(["dead", "\(self.dead)", "0"])
        sets.add(["quarantine", "\(self.quarantined)", "0"])
        let totals = "processed \(self.processed), failed \(self.failed)"
        return ["store \(self.store)", totals, ""] + queues.lines + [""] + sets.lines + [""]
            + ProcessLine.table(self.processes) + ProcessLine.figures(self.processes)
            + ProcessLine.troubles(self.processes)
    }
}
