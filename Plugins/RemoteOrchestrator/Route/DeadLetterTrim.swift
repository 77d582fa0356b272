import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps the dead letters within their limits: the oldest go first.
struct DeadLetterTrim: Sendable {
    let workshop: Workshop

    /// Each may be as large as a message, and more.
    static let most = 64

    init(_ workshop: Workshop) {
        self.workshop = workshop
    }

    func trim() async throws {
        let limits = self.workshop.options.deadLetters
        let place = Place.list(self.workshop.names.deadLetters)
        let environment = self.workshop.environment
        var portion = Portion(most: Self.most)
        while !Task.isCancelled {
            // What is beyond the limit counted from the end is as many as have to go from the front.
            let beyond = try await self.count(beyond: limits.count, upTo: portion.value)
            let oldest = try await environment.entries(in: place, limit: portion.value)
            portion.took(oldest.map(\.payload))
            let gone = Self.superfluous(
                oldest,
                beyond: beyond,
                olderThan: Date(timeIntervalSinceNow: -(limits.age / .seconds(1)))
            )
            guard !gone.isEmpty else { return }
            guard try await environment.edit(gone.map { .delete($0) }, in: place) > 0 else { return }
            guard gone.count == oldest.count else { return }
        }
    }

    /// How many letters there are too many, `most` at most. Reads single ones.
    private func count(beyond limit: Int, upTo most: Int) async throws -> Int {
        let length = ListLength(environment: self.workshop.environment)
        let list = self.workshop.names.deadLetters
        guard try await length.has(list, limit) else { return 0 }
        var (low, high) = (1, most)
        while low < high {
            let middle = (low + high) / 2
            if try await length.has(list, limit + middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Those of the oldest letters that have to go.
    ///
    /// - Parameters:
    ///   - oldest: The oldest first.
    ///   - beyond: How many letters there are too many.
    static func superfluous(_ oldest: [Entry], beyond: Int, olderThan date: Date) -> [Entry] {
        oldest.enumerated().filter { index, entry in
            index < beyond || (try? DeadLetter(json: entry.payload))?.date.map { $0 < date } ?? false
        }
        .map(\.element)
    }
}
