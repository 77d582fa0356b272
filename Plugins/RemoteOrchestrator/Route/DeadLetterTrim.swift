import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps the dead letters within their limits: the oldest go first.
struct DeadLetterTrim: Sendable {
    let workshop: Workshop

    private static let page = 500

    init(_ workshop: Workshop) {
        self.workshop = workshop
    }

    func trim() async throws {
        let limits = self.workshop.options.deadLetters
        let place = Place.list(self.workshop.names.deadLetters)
        let environment = self.workshop.environment
        while !Task.isCancelled {
            // What is beyond the limit counted from the end is as many as have to go from the front.
            let beyond = try await environment.entries(in: place, from: limits.count, limit: Self.page).count
            let oldest = try await environment.entries(in: place, limit: Self.page)
            let gone = Self.superfluous(
                oldest,
                beyond: beyond,
                olderThan: Date(timeIntervalSinceNow: -(limits.age / .seconds(1)))
            )
            guard !gone.isEmpty else { return }
            guard try await environment.edit(gone.map { .delete($0) }, in: place) > 0 else { return }
            guard gone.count == Self.page else { return }
        }
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
