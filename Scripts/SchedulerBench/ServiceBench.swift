import Foundation
import Wingman
import WingmanRedis
import WingmanSQLite

/// What a worker with thousands of schedules costs a minute: its own threads, and the store's.
struct ServiceBench {
    private let schedules: Int
    private let seconds: Double
    private let stores: [String]
    private let folder = "\(FileManager.default.temporaryDirectory.path)/wingman-bench-\(getpid())"

    init() {
        let environment = ProcessInfo.processInfo.environment
        self.schedules = environment["SCHEDULES"].flatMap(Int.init) ?? 10_000
        self.seconds = environment["SECONDS_EACH"].flatMap(Double.init) ?? 60
        self.stores = (environment["STORES"] ?? "sqlite,redis").split(separator: ",").map(String.init)
    }

    func run() async throws {
        say("\n\(self.schedules) schedules in one worker, for \(Int(self.seconds)) s each; percent of one core\n")
        say(
            "| store | schedules | recorded in s | jobs | scheduler % | store's thread % | rest of the worker % | Redis % | CPU µs/job |"
        )
        say("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
        for store in self.stores {
            try await self.measure(store, nil)
            for mix in Mix.allCases { try await self.measure(store, mix) }
        }
    }

    private func measure(_ kind: String, _ mix: Mix?) async throws {
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        defer {
            // What cannot be removed is in a temporary directory.
            try? FileManager.default.removeItem(atPath: self.folder)
        }
        let server = kind == "redis" ? try self.startRedis() : nil
        // It has inherited our signal mask, which keeps TERM from it; it has nothing to save.
        defer { if let server { _ = kill(server.processIdentifier, SIGKILL) } }
        let url = server == nil ? "sqlite:\(self.folder)/bench.db" : "redis+unix://\(self.folder)/redis.sock"
        let store: any Store = server == nil ? try SQLiteStore(url: url) : try RedisStore(url: url)
        try await Self.open(store)
        let worker = try self.startWorker(url, mix)
        defer {
            worker.terminate()
            worker.waitUntilExit()
        }
        let recorded = try await self.untilRecorded(store, mix == nil ? 0 : self.schedules)
        // The first looks at what it has written itself, and the first housekeeping.
        try await Task.sleep(for: .seconds(5))
        let before = try await Sample(worker, server, store)
        try await Task.sleep(for: .seconds(self.seconds))
        let after = try await Sample(worker, server, store)
        await store.close()
        say(after.row(since: before, kind, mix?.rawValue ?? "none", recorded: recorded))
    }

    // MARK: Processes

    private func startWorker(_ url: String, _ mix: Mix?) throws -> Process {
        let process = Process()
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = ["run", "--store", url, "-c", "1", "-q", "unused"]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["BENCH_MIX": mix?.rawValue ?? "", "BENCH_SCHEDULES": mix == nil ? "0" : "\(self.schedules)"]
        ) { _, new in new }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func startRedis() throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "redis-server", "--unixsocket", "\(self.folder)/redis.sock", "--port", "0", "--save", "", "--appendonly",
            "no",
        ]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Opens a store whose server may only just have been started.
    private static func open(_ store: any Store) async throws {
        for _ in 0..<50 {
            if (try? await store.open()) != nil { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        try await store.open()
    }

    /// - Returns: How many seconds it took.
    private func untilRecorded(_ store: any Store, _ count: Int) async throws -> Double {
        let began = ContinuousClock.now
        while try await store.members(of: StoreKey("scheduler", "ids")).count < count {
            try await Task.sleep(for: .milliseconds(250))
        }
        return (ContinuousClock.now - began) / .seconds(1)
    }
}
