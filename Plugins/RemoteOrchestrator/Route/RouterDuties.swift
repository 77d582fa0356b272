import Metrics
import Supervision
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the router's process does beside routing: brings back what is to be tried again, ends the wait for clients that
/// nobody knows, trims the dead letters, measures.
struct RouterDuties: Sendable {
    let workshop: Workshop

    /// Messages that are to be tried again are late by this at most.
    private static let interval = Duration.seconds(1)
    private static let heldInterval = Duration.seconds(5)
    private static let measureInterval = Duration.seconds(10)
    private static let trimInterval = Duration.seconds(30)

    private var environment: ServiceEnvironment { self.workshop.environment }

    /// Until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.every(Self.interval, "deliver messages that are due", self.deliver) }
            group.addTask {
                await self.every(Self.trimInterval, "trim dead letters", DeadLetterTrim(self.workshop).trim)
            }
            group.addTask { await self.every(Self.measureInterval, "measure lists", self.measure) }
            if case .hold(let time) = self.workshop.options.unknownClients {
                group.addTask {
                    await self.every(Self.heldInterval, "look after unknown clients") {
                        try await HeldClients(self.workshop).sweep(after: time)
                    }
                }
            }
        }
    }

    private func every(_ interval: Duration, _ what: String, _ body: () async throws -> Void) async {
        var outage = Outage(what: what, logger: self.environment.logger)
        while !Task.isCancelled {
            var pause = interval
            do {
                try await body()
                outage.end(at: self.environment.time.now)
            } catch {
                guard !Task.isCancelled else { return }
                pause = outage.failed(error, at: self.environment.time.now)
            }
            try? await self.environment.time.sleep(for: pause)
        }
    }

    /// If we die in the middle, a message is delivered or still there; never both.
    private func deliver() async throws {
        let lists = try await self.environment.keys.members(of: self.workshop.names.keys.later.name)
        for list in lists {
            while !Task.isCancelled {
                let list = String(decoding: list, as: UTF8.self)
                let (moved, nextDue) = try await self.environment.deliverDue(of: list, limit: InboundLanes.most)
                // Zero: there is more. None moved: the list is something else, or another router was faster.
                guard nextDue == .zero, moved > 0 else { break }
            }
        }
    }

    private func measure() async throws {
        let length = ListLength(environment: self.environment)
        let names = self.workshop.names
        for list in [names.list] + self.environment.services.names.sorted().flatMap({ names.lanes(of: $0) }) {
            self.workshop.metrics.depth(try await length.of(list), of: list)
        }
        self.workshop.metrics.keptDeadLetters.record(try await length.of(names.deadLetters))
        self.workshop.metrics.lag.record(Double(try await self.lag()) / 1_000)
    }

    /// How long the next message of all has waited to be routed, in milliseconds, by its sender's clock.
    private func lag() async throws -> Int {
        guard let next = try await self.environment.entries(in: .list(self.workshop.options.list), limit: 1).first,
            let sent = try? Envelope.parse(next.payload, limits: self.workshop.options.limits).sent
        else { return 0 }
        return max(0, Workshop.now - sent)
    }
}

/// How long a list is. Stores do not say so; whether it has an element at some place they do.
struct ListLength: Sendable {
    let environment: ServiceEnvironment

    func of(_ list: String) async throws -> Int {
        guard try await self.has(list, 0) else { return 0 }
        var (low, high) = (0, 1)
        while try await self.has(list, high) { (low, high) = (high, high * 2) }
        // The element at `low` is there, the one at `high` is not.
        while high - low > 1 {
            let middle = (low + high) / 2
            if try await self.has(list, middle) { low = middle } else { high = middle }
        }
        return high
    }

    /// Whether the list has an element at this place; only that one is read.
    func has(_ list: String, _ index: Int) async throws -> Bool {
        try await !self.environment.entries(in: .list(list), from: index, limit: 1).isEmpty
    }
}
