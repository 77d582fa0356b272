import Wingman

/// What is compared after an operation.
extension ComparisonRun {
    private static let lists = ["requests", "letters", "replies"]
    private static let places: [Place] =
        Self.queues.map { .queue($0) } + Self.lists.map { .list($0) } + Self.dueSets.map(\.place)
        + [.dead, .quarantine]

    /// All sizes of a store, as text.
    func sizes(of index: Int) async throws -> String {
        Self.sizes(try await self.sides[index].store.counts())
    }

    private static func sizes(_ counts: StoreCounts) -> String {
        let places = counts.places.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let held = counts.inFlightBySource.filter { $0.value != 0 }.map { "\($0.key): \($0.value)" }.sorted()
        return "\(places) due \(counts.retriesDue) \(counts.scheduledDue) processed \(counts.processed)"
            + " failed \(counts.failed) held \(held)"
    }

    /// Compares all sizes, and each with what was accepted.
    func compareSizes() async throws {
        var expected: String?
        for side in self.sides {
            let counts = try await side.store.counts()
            let found = Self.sizes(counts)
            guard found == expected ?? found else {
                throw self.failure(
                    "sizes: \(self.sides[0].store.location) has \(expected ?? ""), \(side.store.location) \(found)"
                )
            }
            expected = found
            var total = counts.places.values.reduce(0, +)
            for place in [Place.list("requests"), .list("letters"), .later("requests")] {
                total += try await side.store.entries(in: place, from: 0, limit: 10_000).count
            }
            guard total + self.ledger.done == self.ledger.accepted else {
                throw self.failure(
                    "\(side.store.location), one place: \(self.ledger.accepted) were accepted, \(total) are there, "
                        + "\(self.ledger.done) are done"
                )
            }
        }
    }

    /// Compares all that can be asked for.
    mutating func compareContents() async throws {
        for place in Self.places { _ = try await self.entries(in: place) }
        try await self.same("values") { side in
            try await side.store.values(of: Self.values).map { $0.map(\.text) ?? "nothing" }.description
        }
        for key in Self.sets {
            try await self.same("members of \(key)") { side in
                try await side.store.members(of: key).map(\.text).sorted().description
            }
        }
        try await self.same("keys") { side in try await side.store.keyCounts().sorted { $0.key < $1.key }.description }
        try await self.same("paused queues") { side in try await side.store.pausedQueues().sorted().description }
        try await self.same("processes") { side in
            let processes = try await side.store.processes().sorted { $0.process.rawValue < $1.process.rawValue }
            return processes.map { "\($0.process) \($0.busy) \($0.isQuiet) \(side.milliseconds($0.beatAt))" }
                .description
        }
        for minutes in [1, 10, 600] {
            try await self.same("executions of \(minutes) minutes") { side in
                let metrics = try await side.store.executions(lastMinutes: minutes)
                return metrics.sorted { $0.jobClass < $1.jobClass }.description
            }
        }
    }

    private func same(_ what: String, _ look: (Side) async throws -> String) async throws {
        let expected = try await look(self.sides[0])
        for side in self.sides.dropFirst() {
            let found = try await look(side)
            guard found != expected else { continue }
            throw self.failure(
                "\(what): \(self.sides[0].store.location) has \(expected), \(side.store.location) \(found)"
            )
        }
    }

    /// The entries of a place, of all sides in one order.
    func entries(in place: Place) async throws -> [[Entry]] {
        var found: [[Entry]] = []
        var texts: [[String]] = []
        for side in self.sides {
            var entries = try await side.store.entries(in: place, from: 0, limit: 10_000)
            if entries.first?.at != nil {
                let times = entries.map { side.milliseconds($0.at ?? 0) }
                let isNewestFirst = place == .dead || place == .quarantine
                guard times == times.sorted(by: { isNewestFirst ? $0 > $1 : $0 < $1 }) else {
                    throw self.failure("\(side.store.location): the entries of \(place) are not in order: \(times)")
                }
                // Of one moment in any order.
                entries.sort {
                    (side.milliseconds($0.at ?? 0), $0.payload.text) < (side.milliseconds($1.at ?? 0), $1.payload.text)
                }
            }
            found.append(entries)
            texts.append(entries.map { $0.payload.text.base + ($0.at.map { " at \(side.milliseconds($0))" } ?? "") })
        }
        for (side, text) in zip(self.sides, texts) where text != texts[0] {
            throw self.failure(
                "\(place): \(self.sides[0].store.location) has \(texts[0]), \(side.store.location) \(text)"
            )
        }
        return found
    }
}

extension ComparisonRun.Side {
    /// A time of this store from its start, in milliseconds; one of long ago is before all others.
    func milliseconds(_ seconds: Double) -> Int {
        let milliseconds = Int((seconds * 1_000).rounded())
        return seconds < 1e8 ? milliseconds - 1_000_000_000_000_000 : milliseconds - self.start
    }
}
