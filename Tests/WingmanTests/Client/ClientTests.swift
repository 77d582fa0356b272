import Testing

@testable import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

private struct Thumbnail: Job {
    static let options = JobOptions(queue: "images", retry: .attempts(5), timeout: .seconds(30), tags: ["a"])
    var imageID: Int
    var size: Int?

    func perform(_ context: JobContext) async throws {}
}

private struct Placeless: Job {
    static let options = JobOptions(queue: "")
    func perform(_ context: JobContext) async throws {}
}

/// Does what a test says with each job.
private struct Changing: ClientMiddleware {
    let change: @Sendable (inout OutgoingJob) throws -> PushVerdict

    func process(_ job: inout OutgoingJob) async throws -> PushVerdict { try self.change(&job) }
}

@Suite("The client")
struct ClientTests {
    private let store = ScriptedStore()

    private var pushed: [[PushedJob]] { self.store.with { $0.enqueued } }

    private func client(_ middleware: any ClientMiddleware...) -> Client {
        Client(store: self.store, middleware: middleware)
    }

    @Test("A push writes Sidekiq's members, with times in milliseconds and an ID of 24 digits")
    func push() async throws {
        let before = SidekiqTime.now()
        let id = try await self.client().push(Thumbnail(imageID: 7, size: nil))
        let job = try #require(self.pushed.first?.first)
        let payload = try JobPayload(job.payload)
        #expect(job.queue == "images")
        #expect(job.runAt == nil)
        #expect(payload.jobID == id)
        #expect(id?.count == 24)
        #expect(payload.className == "Thumbnail")
        #expect(Array(payload.arguments).text == "[7,null]")
        #expect(payload.retry == .limited(5))
        #expect(payload.timeout == .seconds(30))
        #expect(payload.tags == ["a"])
        #expect(payload.queue == "images")
        #expect(try #require(payload.createdAt) >= before)
        #expect(payload.enqueuedAt == payload.createdAt)
    }

    @Test("Options of a push replace the type's")
    func options() async throws {
        try await self.client().push(Thumbnail(imageID: 1), options: JobOptions(queue: "low", retry: .off))
        let job = try #require(self.pushed.first?.first)
        #expect(job.queue == "low")
        #expect(try JobPayload(job.payload).retry == .disabled)
    }

    @Test("A job for later has its time beside it and no `enqueued_at` and no `at` in it")
    func later() async throws {
        let date = Date().addingTimeInterval(3_600)
        try await self.client().push(Thumbnail(imageID: 1), at: date)
        try await self.client().push(Thumbnail(imageID: 2), in: .seconds(60))
        let jobs = self.pushed.flatMap { $0 }
        #expect(jobs[0].runAt == date.timeIntervalSince1970)
        #expect(abs((jobs[1].runAt ?? 0) - Date().timeIntervalSince1970 - 60) < 30)
        for job in jobs {
            let payload = try JobPayload(job.payload)
            #expect(payload.enqueuedAt == nil)
            #expect(payload.due == nil)
            #expect(payload.createdAt != nil)
        }
    }

    @Test("A time that has passed is now", arguments: [0.0, -1, -1e12])
    func past(_ offset: Double) async throws {
        try await self.client().push(Thumbnail(imageID: 1), at: Date().addingTimeInterval(offset))
        try await self.client().push(Thumbnail(imageID: 1), in: .seconds(Int64(offset)))
        for job in self.pushed.flatMap({ $0 }) {
            #expect(job.runAt == nil)
            #expect(try JobPayload(job.payload).enqueuedAt != nil)
        }
    }

    @Test("Many jobs go 1,000 a round trip, in order, with one creation time a slice")
    func bulk() async throws {
        let ids = try await self.client().push(contentsOf: (0..<2_500).map { Thumbnail(imageID: $0) })
        #expect(self.pushed.map(\.count) == [1_000, 1_000, 500])
        #expect(Set(ids.compactMap { $0 }).count == 2_500)
        let payloads = try self.pushed.flatMap { $0 }.map { try JobPayload($0.payload) }
        #expect(payloads.map { Array($0.arguments).text } == (0..<2_500).map { "[\($0),null]" })
        #expect(payloads.map(\.jobID) == ids)
    }

    @Test("A lazy sequence is read as it is pushed")
    func lazyBulk() async throws {
        let read = Counter64()
        let readAtPush = Notes<Int>()
        self.store.with { $0.onEnqueue = { _ in readAtPush.add(read.count) } }
        let jobs = (0..<2_001).lazy.map { number in
            read.add()
            return Thumbnail(imageID: number)
        }
        try await self.client().push(contentsOf: jobs)
        #expect(readAtPush.all == [1_000, 2_000, 2_001])
    }

    @Test("Exactly 1,000 jobs are one round trip, and none are none", arguments: [(0, []), (1_000, [1_000])])
    func edges(_ count: Int, _ slices: [Int]) async throws {
        try await self.client().push(contentsOf: (0..<count).map { Thumbnail(imageID: $0) })
        #expect(self.pushed.map(\.count) == slices)
    }

    @Test("A slice that fails stops the rest, and those before stay pushed")
    func failingSlice() async throws {
        let client = self.client()
        self.store.with { state in
            state.onEnqueue = { jobs in if jobs.count < 1_000 { throw StoreError.lostReply } }
        }
        let error = await #expect(throws: StoreError.self) {
            try await client.push(contentsOf: (0..<1_500).map { Thumbnail(imageID: $0) })
        }
        #expect(error?.mayHaveRun == true)
        #expect(self.pushed.map(\.count) == [1_000, 500])
    }

    @Test("A class of another program is pushed by name, its arguments as they are written")
    func foreignClass() async throws {
        try await self.client().push(class: "Ruby::Job", argumentsJSON: #"[1.0, {"b":1,"a":99999999999999999999}]"#)
        try await self.client().push(class: "Ruby::Job", argumentsJSON: ["[1]", "[]"])
        let jobs = try self.pushed.flatMap { $0 }.map { try JobPayload($0.payload) }
        #expect(Array(jobs[0].arguments).text == #"[1.0, {"b":1,"a":99999999999999999999}]"#)
        #expect(jobs.map(\.className) == ["Ruby::Job", "Ruby::Job", "Ruby::Job"])
    }

    @Test("What is no array of arguments is refused", arguments: ["", "{}", "[1", "[1]x", "1", "[1,]"])
    func foreignArguments(_ json: String) async {
        let client = self.client()
        await #expect(throws: (any Error).self) { try await client.push(class: "A", argumentsJSON: json) }
        #expect(self.pushed.isEmpty)
    }

    @Test("A job without a class or a queue is refused")
    func nameless() async {
        let client = self.client()
        await #expect(throws: ConfigurationError.self) { try await client.push(class: "", argumentsJSON: "[]") }
        await #expect(throws: ConfigurationError.self) { try await client.push(Placeless()) }
        #expect(self.pushed.isEmpty)
    }

    @Test("Middleware sees every job, in order, and may change it")
    func middlewareChanges() async throws {
        let seen = Notes<String>()
        let first = Changing { job in
            seen.add("first \(job.jobClass)")
            try job.set("locale", json: #""de""#)
            return .push
        }
        let second = Changing { job in
            seen.add("second \(job.json.text.contains(#""locale":"de""#))")
            return .push
        }
        try await self.client(first, second).push(Thumbnail(imageID: 1))
        #expect(seen.all == ["first Thumbnail", "second true"])
        #expect(self.pushed.first?.first?.payload.text.contains(#""locale":"de""#) == true)
    }

    @Test("A queue changed by middleware is the list and the member, also for later", arguments: [nil, 60.0])
    func middlewareMoves(_ delay: Double?) async throws {
        let moving = Changing { job in
            job.queue = "elsewhere"
            return .push
        }
        try await self.client(moving).push(Thumbnail(imageID: 1), at: delay.map { Date().addingTimeInterval($0) })
        let job = try #require(self.pushed.first?.first)
        #expect(job.queue == "elsewhere")
        #expect(try JobPayload(job.payload).queue == "elsewhere")
        #expect((job.runAt == nil) == (delay == nil))
    }

    @Test("A middleware that changes the member changes the list, too")
    func middlewareSetsQueue() async throws {
        let moving = Changing { job in
            try job.set("queue", json: #""elsewhere""#)
            return .push
        }
        try await self.client(moving).push(Thumbnail(imageID: 1))
        #expect(self.pushed.first?.first?.queue == "elsewhere")
    }

    @Test("A middleware that spoils a job is told so")
    func middlewareSpoils() async {
        let spoiling = Changing { job in
            try job.set("class", json: "{")
            return .push
        }
        let emptying = Changing { job in
            job.queue = ""
            return .push
        }
        for client in [self.client(spoiling), self.client(emptying)] {
            await #expect(throws: (any Error).self) { try await client.push(Thumbnail(imageID: 1)) }
        }
        #expect(self.pushed.isEmpty)
    }

    @Test("A refused job is not pushed and has no ID; its neighbours do")
    func middlewareRefuses() async throws {
        let client = self.client(Changing { $0.json.text.contains("[1,") ? .refuse : .push })
        #expect(try await client.push(Thumbnail(imageID: 1)) == nil)
        #expect(self.pushed.isEmpty)
        let ids = try await client.push(contentsOf: (0..<3).map { Thumbnail(imageID: $0) })
        #expect(ids.map { $0 == nil } == [false, true, false])
        #expect(self.pushed.map(\.count) == [2])
    }

    @Test("A draft is made, passed through the middleware and not pushed")
    func draft() async throws {
        let client = self.client(Changing { $0.json.text.contains("[1,") ? .refuse : .push })
        let job = try #require(try await client.draft(Thumbnail(imageID: 2), jobID: "tick:2026-11-22.x_1"))
        #expect(try JobPayload(job.payload).jobID == "tick:2026-11-22.x_1")
        #expect(job.queue == "images")
        #expect(try await client.draft(Thumbnail(imageID: 1)) == nil)
        #expect(self.pushed.isEmpty)
    }

    @Test("An ID that would break the JSON is refused", arguments: [#"a"b"#, "", "a b", "ä", "a\n", #"a\"#])
    func draftID(_ id: String) async {
        let client = self.client()
        await #expect(throws: ConfigurationError.self) { try await client.draft(Thumbnail(imageID: 1), jobID: id) }
    }
}
