/// What goes to the store, and what its answers mean.
extension InboxLedger {
    /// Settlements of one step, with the ids of their messages.
    struct Batch {
        var ids: [Int] = []
        var settlements: [Wingman.Settlement] = []
        /// Whether the owner has made any of them.
        var hasOwners = false
        /// Whether others are to be made now, too.
        var hasMore = false

        var isEmpty: Bool { self.ids.isEmpty }
    }

    /// After the first refusal of a settlement; doubled up to the longest.
    private static let firstPause = Duration.seconds(1)
    private static let longestPause = Duration.seconds(60)

    /// What is to be settled at `now`, as much as fits into a step.
    func batch(at now: Duration) -> Batch {
        var batch = Batch()
        for id in self.outbox {
            guard let held = self.held[id], let settlement = held.settlement, held.due <= now else { continue }
            guard batch.ids.count < Step.limit else {
                batch.hasMore = true
                break
            }
            batch.hasOwners = batch.hasOwners || held.isReceived
            batch.ids.append(id)
            batch.settlements.append(settlement.forStore(isCurtailed: held.isCurtailed))
        }
        return batch
    }

    /// The store's answers to a batch.
    mutating func answered(_ answers: [SettleAnswer], to ids: [Int], at now: Duration) -> InboxFindings {
        var findings = InboxFindings()
        var ended: Set<Int> = []
        for (id, answer) in zip(ids, answers) {
            switch answer {
            case .settled:
                if let held = self.held[id], held.isCurtailed, let settlement = held.settlement {
                    self.curtailed.append(settlement)
                }
                ended.insert(id)
            case .stale:
                findings.stale += 1
                if let held = self.held[id], held.isReceived { self.lost.append(held.message) }
                ended.insert(id)
            case .failed(let reason):
                if let refusal = self.refused(id, reason, at: now) { findings.refusals.append(refusal) }
            }
        }
        self.outbox.removeAll { ended.contains($0) }
        for id in ended { self.held[id] = nil }
        return findings
    }

    /// What was refused with its optional effects is tried at once without them, and again with them after the pause: it may
    /// be the destination that cannot be written.
    ///
    /// - Returns: The refusal if it is worth a line in the log: the first one, then each time twice as many.
    private mutating func refused(_ id: Int, _ reason: String, at now: Duration) -> Inbox.Refusal? {
        guard var held = self.held[id], let settlement = held.settlement else { return nil }
        if !held.isCurtailed, !settlement.optionalEffects.isEmpty {
            self.held[id]?.isCurtailed = true
            return nil
        }
        held.isCurtailed = false
        held.tries += 1
        held.reason = reason
        held.due = now + min(Self.longestPause, Self.firstPause * (1 << min(held.tries - 1, 16)))
        self.held[id] = held
        guard held.tries & (held.tries - 1) == 0 else { return nil }
        return Inbox.Refusal(settlement: settlement, reason: reason, tries: held.tries)
    }
}
