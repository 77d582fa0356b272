import TestSupport
import Testing

/// Ten thousand jobs of 5 ms that each leave a line, a server of their own, and the accounts at the end.
///
/// The lines say what ran, redis-cli says what is stored: neither goes through our own code.
struct Campaign {
    let server: RedisServer
    let record: RecordFile

    static let jobs = 10_000
    static let concurrency = 10
    static let duration = 5  // ms
    /// Lines after which a fault is due: in the middle, with jobs done, running and waiting.
    static let middle = 3_000

    /// Runs `body` on a fresh server with all the jobs in its queue.
    static func with(
        _ options: RedisServer.Options = RedisServer.Options(),
        _ body: (Campaign) async throws -> Void
    ) async throws {
        try await RedisServer.with(options) { server in
            let campaign = Campaign(server: server, record: RecordFile(in: server.directory))
            let arguments = (0..<Self.jobs).map { number in
                campaign.record.arguments("line-\(number)", after: Self.duration)
            }
            try await LoadWorker.enqueue("Record", each: arguments, on: server)
            #expect(try await campaign.count("LLEN", "queue:default") == Self.jobs)
            try await body(campaign)
        }
    }

    func startWorker(stopTimeout: Int? = nil) async throws -> LoadWorker {
        try await LoadWorker.start(on: self.server, concurrency: Self.concurrency, stopTimeout: stopTimeout)
    }

    /// Waits for the middle, where the fault is due.
    func reachMiddle() async throws {
        try await self.record.waitForLines(Self.middle)
    }

    /// Waits until every job has left its line at least once.
    func finish() async throws {
        try await self.record.waitForLines(Self.jobs, within: .seconds(120))
    }

    /// Waits until all that a dead worker held is back and has run: its lines alone may be complete before.
    func untilRescued(from identity: String) async throws {
        try await eventually("the rescue") {
            try await self.count("HLEN", "wingman:inflight:\(identity)") == 0
        }
        try await eventually("the rescued jobs to end") {
            // In this order: jobs go from the queue to those in flight, and no longer back.
            guard try await self.count("LLEN", "queue:default") == 0 else { return false }
            return try await self.inFlight() == 0
        }
    }

    /// Nothing is lost; and at most so many of the jobs ran twice as were in flight at the fault.
    func expectAccounts(duplicatesUpTo inFlight: Int) {
        let lines = self.record.lines
        let different = Set(lines)
        #expect(different == Set((0..<Self.jobs).map { "line-\($0)" }), "lost or foreign lines")
        #expect(lines.count - different.count <= inFlight, "more jobs ran twice than were in flight")
    }

    /// Every place of the store is empty, but for the worker's own registration.
    func expectNothingLeft() async throws {
        try await eventually("the last acknowledgements") { try await self.inFlight() == 0 }
        for set in ["retry", "schedule", "dead"] { #expect(try await self.count("ZCARD", set) == 0, "\(set)") }
        #expect(try await self.count("LLEN", "queue:default") == 0)
    }

    /// How many jobs are claimed or landed, by any process, dead or alive.
    func inFlight() async throws -> Int {
        try await Self.inFlight(on: self.server)
    }

    static func inFlight(on server: RedisServer) async throws -> Int {
        var sum = 0
        // In the order in which jobs go through them: none that moves meanwhile is missed.
        for (pattern, command) in [("wingman:landing:*", "LLEN"), ("wingman:inflight:*", "HLEN")] {
            for key in try await server.cli("KEYS", pattern).split(separator: "\n") {
                sum += Int(try await server.cli(command, String(key))) ?? 0
            }
        }
        return sum
    }

    func count(_ command: String...) async throws -> Int {
        Int(try await self.server.cli(command)) ?? 0
    }
}
