import Foundation
import Testing
import Wingman

@testable import WingmanScheduler

/// The README's examples, compiled and checked: its first block is this file's `Scheduler`.
@Suite("The README of the scheduler")
struct ExampleTests {
    struct Sweep: Job { func perform(_ context: JobContext) async throws {} }
    struct Backup: Job { func perform(_ context: JobContext) async throws {} }
    struct Report: Job {
        var kind: String
        func perform(_ context: JobContext) async throws {}
    }
    struct Invoice: Job { func perform(_ context: JobContext) async throws {} }
    struct Refresh: Job { func perform(_ context: JobContext) async throws {} }
    struct Poll: Job { func perform(_ context: JobContext) async throws {} }
    struct Greeting: Job { func perform(_ context: JobContext) async throws {} }
    struct Count: Job { func perform(_ context: JobContext) async throws {} }
    struct Billing: RecurringJob {
        var lastOccurrence: Double
        var currentOccurrence: Double
        func perform(_ context: JobContext) async throws {}
    }

    var scheduler: Scheduler {
        Scheduler {
            // 1  Every five minutes, on :00, :05, :10 … on every machine and after every deploy.
            Every(.minutes(5)) { Sweep() }

            // 2  Each night at 04:00 in Berlin, also on the days on which the clock changes.
            Cron("0 4 * * * Europe/Berlin") { Backup() }

            // 3  On weekdays at nine, not before the job of yesterday has ended.
            Cron("0 9 * * mon-fri", zone: "America/New_York") { Report(kind: "daily") }.overlap(.skip)

            // 4  Every second Monday and on the last Friday of the month: what cron cannot say.
            Schedule(
                Every(2, .weeks).on(.monday).at("09:00").or(Every(1, .months).on(.last(.friday)).at("16:00")),
                id: "team"
            ) {
                Report(kind: "team")
            }

            // 5  On the last day of the month, with a limited number of late ones after an absence.
            Cron("0 18 L * *", id: "closing") { Invoice() }.catchUp(.all(limit: 3, within: .seconds(7 * 86_400)))

            // 6  Each hour at some minute of its own, so that not everything runs at :00.
            Cron("H * * * *") { Refresh() }

            // 7  Every ten minutes during office hours, up to half a minute later.
            Cron("*/10 8-18 * * mon-fri Europe/Berlin", id: "poll") { Poll() }.jitter(.seconds(30))

            // 8  A job that works on what happened since its last occurrence.
            Cron("@hourly", Billing.self)

            // 9  At some dates, and no others.
            Dates(["2026-12-24T08:00", "2026-12-31T08:00"], zone: "Europe/Berlin") { Greeting() }

            // 10  Every quarter of an hour from a day to another, but not on Christmas.
            Cron("*/15 * * * *; from 2026-11-01; until 2027-02-28; except 2026-12-25", id: "season") { Count() }
        }
    }

    @Test("has ten sound examples, as they are written here")
    func examples() throws {
        let entries = self.scheduler.entries
        #expect(entries.count == 10)
        #expect(entries.compactMap(\.fault).isEmpty)
        var faults: [String] = []
        #expect(Scheduler.planned(entries, SchedulePolicies(), faults: &faults).count == 10)
        #expect(faults.isEmpty)
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let readme = try String(
            contentsOf: folder.appendingPathComponent("../../Plugins/Scheduler/README.md"),
            encoding: .utf8
        )
        let here = try String(contentsOfFile: #filePath, encoding: .utf8)
        let block = try #require(
            readme.components(separatedBy: "```swift\n").dropFirst().first?.components(separatedBy: "```").first
        )
        let words: (String) -> [Substring] = { $0.split { $0.isWhitespace } }
        let body = try #require(block.components(separatedBy: "Scheduler {").last)
        let own = words(here).joined(separator: " ")
        for example in body.components(separatedBy: "\n\n") {
            let text = words(example).filter { $0 != "}" }.joined(separator: " ")
            #expect(own.contains(text), "\(example)")
        }
    }

    @Test("has its faults told together, each with its schedule")
    func faults() {
        let scheduler = Scheduler {
            Every(.seconds(0), id: "never") { Sweep() }
            Cron("61 * * * *", id: "odd") { Sweep() }
            Cron("@daily Europe/Berln", id: "lost") { Sweep() }
            Cron("@daily", id: "a b") { Sweep() }
            Every(.minutes(5)) { Sweep() }
            Every(.minutes(10)) { Sweep() }
        }
        var faults: [String] = []
        _ = Scheduler.planned(scheduler.entries, SchedulePolicies(), faults: &faults)
        #expect(faults.count == 5)
        #expect(faults[0].contains("never"))
        #expect(faults[1].contains("minute, column 1"))
        #expect(faults[2].contains("Europe/Berlin"))
        #expect(faults[3].contains("no id of a schedule"))
        #expect(faults[4] == "two schedules have the id \"Sweep\": give one of them another `id:`")
    }

    @Test("describes a file that is read, and whose faults are told")
    func file() throws {
        let path = NSTemporaryDirectory() + "schedules-\(UUID()).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let readme = try String(
            contentsOf: folder.appendingPathComponent("../../Plugins/Scheduler/README.md"),
            encoding: .utf8
        )
        let block = try #require(readme.components(separatedBy: "```json\n").last?.components(separatedBy: "```").first)
        try block.write(toFile: path, atomically: true, encoding: .utf8)
        let entries = try ScheduleFile(path: path).entries
        #expect(entries.map(\.id) == ["digest", "ruby"])
        #expect(
            entries[0].choices
                == PolicyChoices(
                    catchUp: .all(limit: 4, within: .seconds(7 * 86_400)),
                    grace: 300_000,
                    overlap: .skip,
                    jitter: 30_000
                )
        )
        try #"{"schedules":[{"spec":"* * *","class":"A"},{"spec":"@daily","class":"B","grace":"5"}]}"#
            .write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: ConfigurationError.self) { try ScheduleFile(path: path) }
        #expect(error?.faults.count == 2)
        try #"{"schedules":[{"spec":"@daily"}]}"#.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: ConfigurationError(["the file of schedules \"\(path)\" lacks \"class\" at .schedules[0]"])) {
            try ScheduleFile(path: path)
        }
    }

    @Test("shows policies as they are written", arguments: ["skip", "latest", "all:10:1d", "all:100:7d"])
    func policies(text: String) {
        #expect(CatchUp(text)?.description == text)
        for wrong in ["all:0", "all:1001", "all:1:", "none", "", "all:1:1d:1", "all:1:0s"] {
            #expect(CatchUp(wrong) == nil)
        }
    }
}
