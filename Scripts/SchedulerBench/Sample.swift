import Foundation
import Wingman

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What processes have used so far, and what has been enqueued.
struct Sample {
    private let at: ContinuousClock.Instant
    /// Nanoseconds by the name of the thread.
    private let worker: [String: Int]
    /// Nanoseconds of all threads, also of those that have ended; the kernel counts them in hundredths of a second.
    private let whole: Int
    private let server: Int
    private let jobs: Int

    init(_ worker: Process, _ server: Process?, _ store: any Store) async throws {
        self.jobs = try await store.counts().queues[Mix.queue, default: 0]
        self.worker = Self.threads(of: worker.processIdentifier)
        self.whole = Self.whole(of: worker.processIdentifier)
        self.server = server.map { Self.threads(of: $0.processIdentifier).values.reduce(0, +) } ?? 0
        self.at = .now
    }

    /// A row of the table.
    func row(since before: Sample, _ store: String, _ mix: String, recorded: Double) -> String {
        let nanoseconds = (self.at - before.at) / .nanoseconds(1)
        func share(_ used: Int) -> String { String(format: "%.2f", Double(used) / nanoseconds * 100) }
        func used(_ isWanted: (String) -> Bool) -> Int {
            self.used(isWanted) - before.used(isWanted)
        }
        let scheduler = used { $0.hasPrefix("scheduler") }
        let file = used { $0.hasPrefix("wingman-") }
        let all = max(self.whole - before.whole, scheduler + file)
        let enqueued = self.jobs - before.jobs
        let server = self.server - before.server
        let each = enqueued > 0 ? String(format: "%.0f", Double(all + server) / Double(enqueued) / 1_000) : "-"
        let cells = [
            store, mix, String(format: "%.1f", recorded), "\(enqueued)", share(scheduler), share(file),
            share(all - scheduler - file), share(server), each,
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private func used(_ isWanted: (String) -> Bool) -> Int {
        self.worker.filter { isWanted($0.key) }.values.reduce(0, +)
    }

    /// The kernel counts nanoseconds for each thread; those that have ended are not in it, and ours live on.
    private static func threads(of pid: Int32) -> [String: Int] {
        let folder = "/proc/\(pid)/task"
        var used: [String: Int] = [:]
        for thread in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let statistics = Self.text("\(folder)/\(thread)/schedstat"),
                let name = Self.text("\(folder)/\(thread)/comm")
            else { continue }
            used[name, default: 0] += statistics.split(separator: " ").first.flatMap { Int($0) } ?? 0
        }
        return used
    }

    private static func whole(of pid: Int32) -> Int {
        // After the name, which may hold anything: the state, and the times in user and kernel mode as numbers 12 and 13.
        let fields = Self.text("/proc/\(pid)/stat")?.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 12 ? ((Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0)) * 10_000_000 : 0
    }

    private static func text(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8)).map { String($0.prefix { !$0.isNewline }) }
    }
}

/// Prints a line at once, also into a pipe: a run takes minutes.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
