import TestSupport
import Testing

extension FaultTests {
    /// A process that stands still in the middle of a write to the file keeps the lock that every other process needs to
    /// write. They wait, each as long as it may; nobody loses or doubles anything by it.
    @Suite struct SuspendedWriterTests {
        @Test func aWriterSuspendedBeyondAllLeasesOnlyDelaysTheOthers() async throws {
            try await SharedFile.with { file in
                let (writer, other) = try await file.startWorkers()
                try await writer.freeze(insideWrite: true)
                // No event tells how long is long enough: all leases, of 15 s each, have to run out meanwhile.
                let end = ContinuousClock.now + .seconds(17)
                let patient = try await file.expectOthersHold(other)
                try await eventually("the end of the suspension") { ContinuousClock.now >= end }
                #expect(other.isRunning && patient.isRunning)
                writer.signal(.resume)

                #expect(try await patient.waitForExit() == .exited(0))
                try await file.finish()
                try await file.untilSettled()
                for worker in [writer, other] {
                    worker.signal(.terminate)
                    #expect(try await worker.waitForExit() == .exited(0))
                }
                // Each ran once, also those of the one that stood still: nobody took them for lost.
                #expect(file.short.lines.count == SharedFile.shortJobs)
                #expect(file.long.lines.count == SharedFile.longJobs + 1)
                try await file.expectNothingLeft()
            }
        }

        @Test func aWriterKilledWhileItIsSuspendedInsideAWriteLosesNothing() async throws {
            try await SharedFile.with { file in
                let (writer, other) = try await file.startWorkers()
                try await writer.freeze(insideWrite: true)
                let patient = try await file.expectOthersHold(other)
                #expect(other.isRunning && patient.isRunning)
                try await writer.kill9()

                #expect(try await patient.waitForExit() == .exited(0))
                let heir = try await file.startWorker("short")
                try await file.finish()
                try await file.untilSettled()
                for worker in [heir, other] {
                    worker.signal(.terminate)
                    #expect(try await worker.waitForExit() == .exited(0))
                }
                // What the dead one held runs again, a claim of it at most; the other's jobs ran once each.
                #expect(file.short.lines.count <= SharedFile.shortJobs + SharedFile.mostHeld)
                #expect(file.long.lines.count == SharedFile.longJobs + 1)
                try await file.expectNothingLeft()
            }
        }
    }
}

/// A file that two workers share, each with a queue of its own: one has short jobs and writes without end, one long ones.
private struct SharedFile {
    /// So many that a writer still has some when a test that was held up itself comes to it.
    static let shortJobs = 15_000
    static let longJobs = 40
    static let concurrency = 5
    /// Running, read ahead, and ended without having been settled.
    static let mostHeld = 60

    let directory: TemporaryDirectory
    let program: String
    let short: RecordFile
    let long: RecordFile

    private var url: String { "sqlite:\(self.directory.file("store.db"))" }

    static func with(_ body: (SharedFile) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("suspended")
        defer { directory.remove() }
        let file = SharedFile(
            directory: directory,
            program: try BuiltProducts.path("wingman-load"),
            short: RecordFile("short", in: directory),
            long: RecordFile("long", in: directory)
        )
        try await file.push(file.short, Self.shortJobs, to: "short") { _ in 1 }
        // Unlike long, so that at any moment some of them run.
        try await file.push(file.long, Self.longJobs, to: "long") { 500 + $0 % Self.concurrency * 400 }
        try await body(file)
    }

    private func push(
        _ record: RecordFile,
        _ count: Int,
        to queue: String,
        lasting milliseconds: (Int) -> Int
    ) async throws {
        let lines = (0..<count).map { record.arguments("\($0)", after: milliseconds($0)) + "\n" }.joined()
        let words = ["enqueue", "--store", self.url, "--queue", queue, "Record", "--stdin"]
        try await ChildProcess.succeed(self.program, words, input: lines)
    }

    func startWorker(_ queue: String) async throws -> ChildProcess {
        let words = ["run", "--store", self.url, "-q", queue, "-c", "\(Self.concurrency)"]
        let worker = try await ChildProcess.start(self.program, words)
        try await worker.waitForLine(containing: "(pid ")
        return worker
    }

    /// The one that writes without end, and the other, both in the middle of their jobs.
    func startWorkers() async throws -> (writer: ChildProcess, other: ChildProcess) {
        let other = try await self.startWorker("long")
        let writer = try await self.startWorker("short")
        try await self.long.waitForLines(1)
        try await self.short.waitForLines(100)
        return (writer, other)
    }

    /// While the lock is held: jobs that run end, a push that may wait waits, one that may not says why it failed.
    ///
    /// - Returns: The push that waits.
    func expectOthersHold(_ other: ChildProcess) async throws -> ChildProcess {
        let ended = self.long.lines.count
        let patient = try await ChildProcess.start(
            self.program,
            self.pushing("patient", busyTimeout: 60_000)
        )
        try await self.long.waitForLines(ended + 1)
        let hasty = try await ChildProcess.run(self.program, self.pushing("hasty", busyTimeout: 200))
        #expect(hasty.status == .exited(69))
        #expect(hasty.error.contains("another process keeps it locked"), "\(hasty.error)")
        try await other.waitForLine(containing: "store unavailable, trying again")
        return patient
    }

    private func pushing(_ line: String, busyTimeout: Int) -> [String] {
        let store = "\(self.url)?busy_timeout=\(busyTimeout)"
        return ["enqueue", "--store", store, "--queue", "long", "Record", self.long.arguments(line)]
    }

    /// All have run, and the push that waited.
    func finish() async throws {
        try await self.short.waitForLines(Self.shortJobs, within: .seconds(120))
        try await self.long.waitForLines(Self.longJobs + 1)
        #expect(self.long.lines.contains("patient") && !self.long.lines.contains("hasty"))
    }

    /// Waits until the store knows of every end: also of what a dead process held, which runs again.
    func untilSettled() async throws {
        try await eventually("all outcomes to be settled") {
            try await self.status("")
        } until: { status in
            status.contains("\"inFlight\":0") && status.contains(Self.allProcessed)
        }
    }

    /// The file is whole, and every job that was accepted was settled once.
    func expectNothingLeft() async throws {
        let status = try await self.status("?check=full")
        #expect(status.contains("\"inFlight\":0"))
        #expect(status.contains("\"retries\":0") && status.contains("\"dead\":0") && status.contains("\"failed\":0"))
        #expect(status.contains(Self.allProcessed), "\(status)")
    }

    /// All that were pushed before, and the push that waited.
    private static let allProcessed = "\"processed\":\(Self.shortJobs + Self.longJobs + 1),"

    private func status(_ options: String) async throws -> String {
        try await ChildProcess.succeed(self.program, ["status", "--json", "--store", self.url + options])
    }
}
