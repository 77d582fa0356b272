import Foundation
import Supervision
import TestSupport

@testable import Wingman
@testable import WingmanScheduler

/// Real workers (`wingman-load`) on one store, each with a clock of its own, that are killed, suspended and replaced.
actor Fleet {
    let url: String
    private let queue: String
    private let environment: [String: String]
    private var workers: [ChildProcess] = []
    private var started = 0
    private var frozen: ChildProcess?

    /// - Parameters:
    ///   - url: The store.
    ///   - queue: Whose jobs they run.
    ///   - environment: More of it.
    init(_ url: String, queue: String = "unused", environment: [String: String] = [:]) {
        self.url = url
        self.queue = queue
        self.environment = Self.base.merging(environment) { _, new in new }
    }

    private static let base = ["WINGMAN_LOAD_TICKS": "/dev/null", "WINGMAN_SCHEDULER_GENERATION": "1"]

    // MARK: Clocks

    /// Moves the wall clock of a process that it is loaded into: Debian's package `faketime`.
    private static let faketime = ["x86_64", "aarch64"]
        .map { "/usr/lib/\($0)-linux-gnu/faketime/libfaketimeMT.so.1" }
        .first { FileManager.default.fileExists(atPath: $0) }

    /// Whether workers can have clocks of their own.
    static var canSkew: Bool { Self.faketime != nil }

    /// The seconds by which clocks are wrong, one worker after the other: as if machines were a minute apart.
    private static let skews = ["+30", "+0", "-30", "+0", "+11", "-11", "+30", "-30"]

    /// Gives the command that follows, and nothing that comes before it, a clock of its own; its monotonic clock goes on.
    private static func clock(_ number: Int) -> [String] {
        guard let library = Self.faketime else { return [] }
        let skew = Self.skews[number % Self.skews.count]
        // The first process that the library is loaded into finds its environment rebuilt, where Swift looks for its
        // arguments: a second `env` bears that, and becomes the worker.
        return ["LD_PRELOAD=\(library)", "FAKETIME=\(skew)", "FAKETIME_DONT_FAKE_MONOTONIC=1", "env"]
    }

    // MARK: Workers

    /// Starts workers beside those that are there, and waits until they have said so.
    func start(_ count: Int, skewed: Bool = true) async throws {
        for _ in 0..<count {
            let clock = skewed ? Self.clock(self.started) : []
            self.started += 1
            let worker = try await ChildProcess.start(
                "env",
                clock + [
                    try BuiltProducts.path("wingman-load"), "run", "--store", self.url, "-c", "3", "-q", self.queue,
                ],
                environment: self.environment
            )
            self.workers.append(worker)
        }
        for worker in self.workers.suffix(count) { try await worker.waitForLine(containing: "(pid ") }
    }

    /// Suspends the worker that has lived longest, but not in the middle of a write to a file: nobody else can write until
    /// that has ended, and the others would only wait.
    func freeze() async throws {
        guard self.frozen == nil, !self.workers.isEmpty else { return }
        let worker = self.workers.removeFirst()
        self.frozen = worker
        try await worker.freeze(insideWrite: false)
    }

    /// Lets the suspended worker go on.
    func resume() {
        guard let worker = self.frozen else { return }
        worker.signal(.resume)
        self.workers.append(worker)
        self.frozen = nil
    }

    /// Kills the suspended worker: what it held when it was suspended, it holds when it dies.
    func killSuspended() async throws {
        guard let worker = self.frozen else { return }
        self.frozen = nil
        try await worker.kill9()
        Self.forget(worker)
    }

    /// Kills those that have lived longest, as a crash would.
    func kill(_ count: Int) async throws {
        for _ in 0..<min(count, self.workers.count) {
            let worker = self.workers.removeFirst()
            try await worker.kill9()
            Self.forget(worker)
        }
    }

    /// The library's shared memory outlives its process.
    private static func forget(_ worker: ChildProcess) {
        for name in ["faketime_shm_\(worker.pid)", "sem.faketime_sem_\(worker.pid)"] {
            try? FileManager.default.removeItem(atPath: "/dev/shm/\(name)")
        }
    }

    /// Stops all workers in order.
    ///
    /// - Returns: How they ended.
    func stop() async throws -> [ChildProcess.ExitStatus] {
        self.resume()
        for worker in self.workers { worker.signal(.terminate) }
        var ends: [ChildProcess.ExitStatus] = []
        for worker in self.workers {
            ends.append(try await worker.waitForExit())
            Self.forget(worker)
        }
        self.workers = []
        return ends
    }

    // MARK: Commands

    /// What a `cron` command prints.
    @discardableResult
    static func cron(_ url: String?, _ words: String...) async throws -> String {
        try await self.cron(url, words)
    }

    static func cron(_ url: String?, _ words: [String]) async throws -> String {
        try await ChildProcess.succeed(
            try BuiltProducts.path("wingman-load"),
            ["cron"] + words + (url.map { ["--store", $0] } ?? []),
            environment: Self.base
        )
    }

    // MARK: Stores

    /// Runs `body` with the URL of a new store, and a rig on it.
    static func with(
        _ kind: StoreTests.Kind,
        _ body: (String, Rig<TimerThread>) async throws -> Void
    ) async throws {
        switch kind {
        case .redis:
            try await RedisServer.with { server in
                try await Self.run(server.url, body)
            }
        case .sqlite:
            let directory = try TemporaryDirectory("scheduler")
            defer { directory.remove() }
            try await Self.run("sqlite:\(directory.file("store.db"))", body)
        }
    }

    private static func run(_ url: String, _ body: (String, Rig<TimerThread>) async throws -> Void) async throws {
        let store = try await StoreTests.open(url)
        try await body(url, Rig(store: store, time: TimerThread.shared))
        await store.close()
    }
}

extension Rig {
    /// Waits until so many jobs have been enqueued.
    @discardableResult
    func waitForJobs(_ count: Int, within deadline: Duration = patience) async throws -> Int {
        try await eventually("\(count) jobs", within: deadline) {
            try await self.store.counts().queues["default", default: 0]
        } until: {
            $0 >= count
        }
    }
}
