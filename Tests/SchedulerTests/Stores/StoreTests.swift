import Logging
import Supervision
import TestSupport
import Testing
import WingmanRedis
import WingmanSQLite

@testable import Wingman
@testable import WingmanScheduler

/// Schedulers of eight processes on real stores, in real time. What a long absence leaves is due at once, so that a
/// thousand occurrences need no thousand seconds.
@Suite("Eight schedulers on a real store", .serialized)
struct StoreTests {
    /// Which store.
    enum Kind: String, CaseIterable, Sendable {
        case redis
        case sqlite
    }

    static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs `body` with a maker of connections to one store, as many processes would have them.
    static func with(
        _ kind: Kind,
        _ body: (@escaping @Sendable () async throws -> any Store) async throws -> Void
    ) async throws {
        switch kind {
        case .redis:
            try await RedisServer.with { server in
                let url = server.url
                try await body { try await Self.open(url) }
            }
        case .sqlite:
            let directory = try TemporaryDirectory("scheduler")
            defer { directory.remove() }
            let url = "sqlite:\(directory.file("store.db"))"
            try await body { try await Self.open(url) }
        }
    }

    /// A connection to the store of a URL.
    static func open(_ url: String) async throws -> any Store {
        let store: any Store =
            url.hasPrefix("sqlite:")
            ? try SQLiteStore(url: url, logger: Self.logger) : try RedisStore(url: url, logger: Self.logger)
        try await store.open()
        return store
    }

    @Test("enqueue each of a thousand occurrences exactly once, in order", arguments: Kind.allCases)
    func thousand(kind: Kind) async throws {
        try await Self.with(kind) { open in
            let rig = Rig(store: try await open(), time: TimerThread.shared)
            // Somebody recorded the schedule and was away for a thousand seconds.
            let now = try await rig.keys.now() / 1_000
            try await Self.plant(rig, next: now - 999)
            var processes: [Rig<TimerThread>.Process] = []
            for number in 0..<8 {
                processes.append(
                    rig.start(leads: number % 2 == 0, store: try await open()) {
                        Every(.seconds(1)) { Sweep() }.catchUp(.all(limit: 1_000))
                    }
                )
            }
            // One of them is stopped in the middle, as a killed process would: its step is whole or was never made.
            try await eventually("half of the jobs") {
                try await rig.jobs().count
            } until: {
                $0 >= 500
            }
            processes[0].cancel()
            try await eventually("all jobs") {
                try await rig.jobs().count
            } until: {
                $0 >= 1_000
            }
            for process in processes { await process.stop() }
            let jobs = try await rig.jobs()
            #expect(jobs.map(\.at) == Array(now - 999..<now - 999 + jobs.count))
            #expect(Set(jobs.map(\.jid)).count == jobs.count)
        }
    }

    /// A file has no other clock than its processes'. The one that is ahead enqueues; the others find it done.
    @Test("enqueue each occurrence exactly once though their clocks are a minute apart")
    func skewed() async throws {
        let directory = try TemporaryDirectory("scheduler")
        defer { directory.remove() }
        let url = "sqlite:\(directory.file("store.db"))"
        let rig = Rig(store: try await Self.open(url), time: TimerThread.shared)
        let now = try await rig.keys.now() / 1_000
        try await Self.plant(rig, next: now - 299)
        let stores = try (0..<8).map { try Self.store(url, skew: [30, 0, -30, 11][$0 % 4]) }
        let processes = stores.enumerated().map { number, store in
            rig.start(leads: number.isMultiple(of: 3), store: store) {
                Every(.seconds(1)) { Sweep() }.catchUp(.all(limit: 1_000))
            }
        }
        for store in stores { try await store.open() }
        try await rig.waitForJobs(332)
        for process in processes { await process.stop() }
        let jobs = try await rig.jobs()
        #expect(jobs.map(\.at) == Array(now - 299..<now - 299 + jobs.count))
        #expect(Set(jobs.map(\.jid)).count == jobs.count)
        for store in stores { await store.close() }
    }

    private static func store(_ url: String, skew seconds: Int) throws -> SQLiteStore {
        let clock = WingmanSQLite.StoreClock { WingmanSQLite.StoreClock.host.now() + seconds * 1_000_000 }
        return try SQLiteStore(url: url, clock: clock, logger: Self.logger)
    }

    @Test("keep a schedule that was paused still, and go on when it is resumed", arguments: Kind.allCases)
    func pause(kind: Kind) async throws {
        try await Self.with(kind) { open in
            let rig = Rig(store: try await open(), time: TimerThread.shared)
            let process = rig.start(store: try await open()) { Every(.seconds(1)) { Sweep() } }
            try await eventually("two jobs") {
                try await rig.jobs().count
            } until: {
                $0 >= 2
            }
            try await rig.desk.pause("Sweep")
            let paused = try await rig.jobs().count
            let since = try await rig.keys.now()
            // The loop has seen it once its clock is two polls further.
            try await eventually("two seconds") {
                try await rig.keys.now()
            } until: {
                $0 > since + 2_500
            }
            #expect(try await rig.jobs().count == paused)
            _ = try await rig.desk.resume("Sweep", catchesUp: false)
            try await eventually("another job") {
                try await rig.jobs().count
            } until: {
                $0 > paused
            }
            await process.stop()
        }
    }

    @Test("judge overlap by the state of the job, in the store", arguments: Kind.allCases)
    func overlap(kind: Kind) async throws {
        try await Self.with(kind) { open in
            let rig = Rig(store: try await open(), time: TimerThread.shared)
            var processes: [Rig<TimerThread>.Process] = []
            for _ in 0..<4 {
                processes.append(rig.start(store: try await open()) { Every(.seconds(1)) { Sweep() }.overlap(.skip) })
            }
            try await eventually("an occurrence to be left out") {
                try await rig.record("Sweep")?.history.last?.kind
            } until: {
                $0 == .overlapped
            }
            let jobs = try await rig.jobs()
            #expect(jobs.count == 1)
            let job = try #require(jobs.first)
            let environment = processes[0].environment
            let context = JobContext(payload: job.payload, environment: environment, queue: "default")
            let effects = JobEnds.effects(of: JobEnd(context: context, kind: .done), environment.keys)
            _ = try await environment.keys.apply(Change(effects))
            try await eventually("the next job") {
                try await rig.jobs().count
            } until: {
                $0 == 2
            }
            for process in processes { await process.stop() }
        }
    }

    /// Records a schedule as another process would have, long ago.
    static func plant(_ rig: Rig<TimerThread>, next: Int) async throws {
        var record = ScheduleRecord(
            spec: "@every 1s",
            owner: .code,
            application: "app",
            generation: 1,
            jobClass: "Sweep",
            choices: PolicyChoices(catchUp: .all(limit: 1_000)),
            next: next
        )
        record.last = next - 1
        let change = Change([
            .put(Keys.key(Keys.record("Sweep")), RecordText.bytes(record)),
            .insert(Keys.key(Keys.ids), member: Array("Sweep".utf8)),
        ])
        _ = try await rig.keys.apply(change)
    }
}
