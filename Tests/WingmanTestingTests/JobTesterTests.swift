import Synchronization
import Testing
import Wingman
import WingmanTesting

/// What jobs note.
private final class Diary: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { self.lines.withLock { $0 } }
    func note(_ line: String) { self.lines.withLock { $0.append(line) } }
}

private struct Line: Job {
    var text: String
    func perform(_ context: JobContext) async throws {
        try context.value(Diary.self).note("\(self.text) \(context.queue)")
    }
}

private struct Chain: Job {
    static let options = JobOptions(queue: "chains")
    var left: Int
    func perform(_ context: JobContext) async throws {
        if self.left > 0 { try await context.client.push(Chain(left: self.left - 1)) }
        try await context.client.push(Line(text: "\(self.left)"))
    }
}

private struct Endless: Job {
    func perform(_ context: JobContext) async throws { try await context.client.push(Endless()) }
}

private struct Trouble: Error, CustomStringConvertible {
    var description: String { "it broke" }
}

private struct Breaking: Job {
    static let options = JobOptions(retry: .attempts(1))
    func perform(_ context: JobContext) async throws { throw Trouble() }
}

private struct Choosing: Job {
    var choice: String
    func perform(_ context: JobContext) async throws {
        switch self.choice {
        case "snooze": throw JobControl.snooze(for: .seconds(60))
        case "kill": throw JobControl.kill(reason: "no use")
        case "discard": throw JobControl.discard(reason: "no use")
        default: break
        }
    }
}

private struct Wrapping: ServerMiddleware {
    let diary: Diary

    func perform(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        self.diary.note("before")
        try await next()
        self.diary.note("after")
    }
}

private struct Refusing: ClientMiddleware {
    func process(_ job: inout OutgoingJob) async throws -> PushVerdict { job.jobClass == "Breaking" ? .refuse : .push }
}

private struct Both: Plugin {
    let name = "both"
    let diary: Diary

    func configure(_ host: inout PluginHost) throws {
        host.use(Wrapping(diary: self.diary))
        host.use(Refusing())
    }
}

private struct App: WingmanApp {
    static let diary = Diary()

    var jobs: JobList {
        Line.self
        Breaking.self
    }
    var plugins: PluginList { Both(diary: Self.diary) }

    func prepare(_ values: inout SharedValues) async throws { values.put(Self.diary) }
}

@Suite("Jobs in place")
struct JobTesterTests {
    private let diary = Diary()

    private func tester(@JobListBuilder _ jobs: () -> JobList) async throws -> JobTester {
        try await JobTester(values: { $0.put(self.diary) }, jobs: jobs)
    }

    @Test("Queued jobs and those they push are performed in the order of their queues")
    func drain() async throws {
        let tester = try await self.tester {
            Chain.self
            Line.self
        }
        try await tester.client.push(Line(text: "first"))
        try await tester.client.push(Chain(left: 2))
        let performed = try await tester.drain()
        #expect(performed.map(\.jobClass) == ["Chain", "Chain", "Chain", "Line", "Line", "Line", "Line"])
        #expect(self.diary.all == ["first default", "2 default", "1 default", "0 default"])
        #expect(performed.allSatisfy { $0.outcome == .done && $0.jobID != nil })
        #expect(try await tester.store.counts().processed == 7)
        #expect(try await tester.drain().isEmpty)
    }

    @Test("A drain that does not end says so")
    func endless() async throws {
        let tester = try await self.tester { Endless.self }
        try await tester.client.push(Endless())
        let error = await #expect(throws: TooManyJobs.self) { try await tester.drain(atMost: 20) }
        #expect(error?.limit == 20)
        #expect(try await tester.store.enqueued(Endless.self).count == 1)
    }

    @Test("A job fails, is retried when its time has come, and dies, by the retry rules")
    func retries() async throws {
        let tester = try await self.tester { Breaking.self }
        let first = try await tester.perform(Breaking())
        guard case .retry(let delay) = first.outcome else {
            #expect(Bool(false), "\(first.outcome)")
            return
        }
        #expect(delay >= .seconds(15) && delay < .seconds(25))
        #expect(first.failure?.message == "it broke")
        #expect(try await tester.drain().isEmpty)
        tester.advance(by: .seconds(30))
        #expect(try await tester.drain().map(\.outcome) == [.dead])
        #expect(try await tester.store.dead(Breaking.self).count == 1)
    }

    @Test(
        "What a job chooses for itself is its outcome",
        arguments: [
            ("", .done), ("snooze", .snoozed(for: .seconds(60))), ("kill", .dead), ("discard", .done),
        ] as [(String, PerformedJob.Outcome)]
    )
    func choices(_ choice: String, _ outcome: PerformedJob.Outcome) async throws {
        let tester = try await self.tester { Choosing.self }
        #expect(try await tester.perform(Choosing(choice: choice)).outcome == outcome)
        #expect(try await tester.store.scheduled(Choosing.self).count == (choice == "snooze" ? 1 : 0))
    }

    @Test("An app comes with its plugins' middleware and its values")
    func app() async throws {
        let tester = try await JobTester(App())
        let performed = try await tester.perform(Line(text: "a"))
        #expect(performed.outcome == .done)
        #expect(App.diary.all.count == 3)
        #expect(App.diary.all.first == "before")
        await #expect(throws: RefusedJob.self) { try await tester.perform(Breaking()) }
        #expect(try await tester.client.push(Breaking()) == nil)
    }

    @Test("A job of an unknown class, and bytes that are no job, end where they do in life")
    func strangers() async throws {
        let tester = try await self.tester { Line.self }
        try await tester.client.push(class: "Novel", argumentsJSON: "[]")
        try await tester.store.enqueue([PushedJob(queue: "default", payload: Array("no job".utf8))])
        let performed = try await tester.drain()
        #expect(performed.map(\.jobClass) == ["Novel", ""])
        #expect(performed.first?.failure?.type == "UnknownJobClass")
        #expect(try await tester.store.counts().dead == 1)
    }

    @Test("One job can be performed before those that are queued, which stay")
    func perform() async throws {
        let tester = try await self.tester { Line.self }
        try await tester.client.push(Line(text: "queued"))
        let performed = try await tester.perform(Line(text: "at once"))
        #expect(performed.queue == "default")
        #expect(self.diary.all.count == 1)
        #expect(self.diary.all.first?.hasPrefix("at once") == true)
        #expect(try await tester.store.enqueued(Line.self).map(\.job.text) == ["queued"])
    }
}

@Suite("Queries by type")
struct EnqueuedTests {
    @Test("Jobs are found by their type, in every place, with their values")
    func places() async throws {
        let store = MemoryStore()
        let client = Client(store: store)
        try await client.push(Line(text: "a"))
        try await client.push(Line(text: "b"), options: JobOptions(queue: "other"))
        try await client.push(Line(text: "c"), in: .seconds(60))
        try await client.push(Endless())
        #expect(try await store.enqueued(Line.self).map(\.job.text) == ["a", "b"])
        #expect(try await store.enqueued(Line.self, in: "other").map(\.queue) == ["other"])
        #expect(try await store.scheduled(Line.self).map(\.job.text) == ["c"])
        #expect(try await store.enqueued(Endless.self).count == 1)
        #expect(try await store.retrying(Line.self).isEmpty)
    }

    @Test("An expectation that is not met lists what there is")
    func expectation() async throws {
        let store = MemoryStore()
        try await Client(store: store).push(Line(text: "a"))
        try await store.expectEnqueued(Line.self)
        try await store.expectEnqueued(Line.self, count: 0) { $0.text == "b" }
        let error = await #expect(throws: UnmetExpectation.self) {
            try await store.expectEnqueued(Line.self, count: 2, in: "default")
        }
        #expect(error?.description.contains("2 queued Line in default") == true)
        #expect(error?.description.contains(#"text: "a""#) == true)
    }
}
