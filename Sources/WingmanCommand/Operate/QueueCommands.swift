import ArgumentParser
import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `queues`: how long each is, how late, and whether it is paused.
struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues",
        abstract: "Show the queues: length, latency, paused or not.",
        discussion: "Latency is the age of the job that is next, in seconds."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let lines = try await Program.environment().withStore(at: self.store.url, QueueLine.all)
        if self.format.isJSON {
            try Output.json(lines)
        } else if lines.isEmpty {
            Output.line("no queues")
        } else {
            var table = TextTable(["queue", "jobs", "latency s", "state"])
            for line in lines {
                let latency = line.latency.map { "\(($0 * 10).rounded() / 10)" } ?? ""
                table.add([line.queue, "\(line.jobs)", latency, line.isPaused ? "paused" : "running"])
            }
            for line in table.lines { Output.line(line) }
        }
    }
}

/// A queue, ready to be shown.
struct QueueLine: Encodable {
    let queue: String
    let jobs: Int
    let latency: Double?
    let isPaused: Bool

    static func all(_ store: any Store) async throws -> [QueueLine] {
        let queues = try await store.counts().queues
        let paused = try await store.pausedQueues()
        var lines: [QueueLine] = []
        for name in Set(queues.keys).union(paused).sorted() {
            let next = try await store.entries(in: .queue(name), from: 0, limit: 1).first
            let enqueuedAt = next.flatMap { try? JobPayload($0.payload) }?.enqueuedAt
            let age = enqueuedAt.map { max(0, Date().timeIntervalSince1970 - $0.seconds) }
            lines.append(
                QueueLine(queue: name, jobs: queues[name] ?? 0, latency: age, isPaused: paused.contains(name))
            )
        }
        return lines
    }
}

/// `pause QUEUE…`.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Pause queues: nothing new is taken from them; what runs goes on."
    )

    @Argument(help: "The queues.") var queues: [String]
    @OptionGroup var store: StoreOptions

    func run() async throws {
        try await Program.environment().withStore(at: self.store.url) { store in
            for queue in self.queues { try await store.setPaused(true, queue: queue) }
        }
        Output.line("paused \(self.queues.joined(separator: ", "))")
    }
}

/// `resume QUEUE…`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let paused queues go on.")

    @Argument(help: "The queues.") var queues: [String]
    @OptionGroup var store: StoreOptions

    func run() async throws {
        try await Program.environment().withStore(at: self.store.url) { store in
            for queue in self.queues { try await store.setPaused(false, queue: queue) }
        }
        Output.line("resumed \(self.queues.joined(separator: ", "))")
    }
}
