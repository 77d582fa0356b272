import Wingman

/// What an operator does to dead letters.
///
/// Each letter is changed only if it is still there, byte by byte, so that two operators, or one and the trimming of the
/// list, do nothing twice. If we die in the middle, what was done is done, and calling it again does the rest.
struct DeadLetterDesk: Sendable {
    let store: any Store
    let names: OrchestratorNames

    /// Letters of one look and of one step. Each may be as large as a message, and more.
    static let most = 64

    /// What became of letters.
    struct Outcome: Sendable, Equatable {
        /// Replayed, or deleted.
        var done = 0
        /// They hold no message that could be replayed, and stay.
        var unreadable = 0
        /// Somebody else was quicker.
        var gone = 0
    }

    // MARK: Looking

    /// The youngest letters that are meant, the oldest of them first; and how many are meant in all.
    ///
    /// - Parameter areWhole: Whether they are wanted with the messages they hold.
    func letters(
        _ filter: DeadLetterFilter,
        limit: Int,
        areWhole: Bool = false
    ) async throws -> (letters: [DeadLetterLine], count: Int) {
        var found: [DeadLetterLine] = []
        var count = 0
        _ = try await self.walk { letters in
            let meant = letters.filter(filter.includes).map { areWhole ? $0 : $0.summary }
            count += meant.count
            found = (found + meant).suffix(limit)
            return 0
        }
        return (found, count)
    }

    /// The letters of these names, the oldest first.
    ///
    /// - Throws: ``DeskError`` if one is not there, or is not meant by the rest of the filter.
    func named(_ filter: DeadLetterFilter) async throws -> [DeadLetterLine] {
        let found = try await self.letters(filter, limit: .max, areWhole: true).letters
        let missing = filter.missing(in: found)
        guard missing.isEmpty else {
            let rest = DeadLetterFilter(names: filter.names) == filter ? "" : " that the other options mean"
            throw DeskError(
                "\(self.names.deadLetters): no dead letter \(missing.joined(separator: ", "))\(rest); "
                    + "`orchestrator dead list` shows all. Nothing was done"
            )
        }
        return found
    }

    // MARK: Changing

    /// Brings letters back to the orchestrator's list: with their ids, their attempts forgotten.
    func replay(_ filter: DeadLetterFilter) async throws -> Outcome {
        try await self.change(filter) { letters in
            let readable = letters.filter { $0.raw != nil }
            // Before the messages are there to be counted again.
            let forgotten = readable.compactMap { letter -> Effect? in
                guard let id = letter.id, let client = letter.client else { return nil }
                return .delete(self.names.keys.attempts(id, of: client))
            }
            if !forgotten.isEmpty { _ = try await self.store.apply(Change(forgotten)) }
            let edits = readable.compactMap { letter in
                letter.replayed.map { EntryEdit.move(letter.entry, to: .list(self.names.list), as: Entry(payload: $0)) }
            }
            return (edits, letters.count - edits.count)
        }
    }

    /// Deletes letters for good.
    func purge(_ filter: DeadLetterFilter) async throws -> Outcome {
        try await self.change(filter) { letters in (letters.map { .delete($0.entry) }, 0) }
    }

    private func change(
        _ filter: DeadLetterFilter,
        _ edits: ([DeadLetterLine]) async throws -> (edits: [EntryEdit], unreadable: Int)
    ) async throws -> Outcome {
        var outcome = Outcome()
        func step(_ letters: [DeadLetterLine]) async throws -> Int {
            let (edits, unreadable) = try await edits(letters)
            let done = edits.isEmpty ? 0 : try await self.store.edit(edits, in: .list(self.names.deadLetters))
            outcome.done += done
            outcome.unreadable += unreadable
            outcome.gone += edits.count - done
            return edits.count
        }
        guard filter.names.isEmpty else {
            // All are there before one is changed; and what is changed moves the places of the others.
            var rest = try await self.named(filter)[...]
            while !rest.isEmpty {
                _ = try await step(Array(rest.prefix(Self.most)))
                rest = rest.dropFirst(Self.most)
            }
            return outcome
        }
        // What comes meanwhile is behind those that are there now: a replayed letter that dies again is not replayed again.
        let count = try await self.walk { _ in 0 }
        _ = try await self.walk(atMost: count) { letters in
            let meant = letters.filter(filter.includes)
            return meant.isEmpty ? 0 : try await step(meant)
        }
        return outcome
    }

    /// Walks over letters in portions. What is trimmed meanwhile may shift others past the look: the next call meets them.
    ///
    /// - Parameter body: Says how many of a portion it has taken out of the list.
    /// - Returns: How many there were.
    private func walk(
        atMost limit: Int = .max,
        _ body: ([DeadLetterLine]) async throws -> Int
    ) async throws -> Int {
        var seen = 0
        var offset = 0
        var portion = Portion(most: Self.most)
        while seen < limit {
            let entries = try await self.store.entries(
                in: .list(self.names.deadLetters),
                from: offset,
                limit: min(portion.value, limit - seen)
            )
            guard !entries.isEmpty else { break }
            portion.took(entries.map(\.payload))
            let letters = entries.enumerated().map { DeadLetterLine($1, number: seen + $0 + 1) }
            seen += entries.count
            offset += entries.count - (try await body(letters))
        }
        return seen
    }
}
