/// Suspects that went back although they had been handled, by the hashes of their bytes: they did not end the process.
struct Acquittals {
    /// Of those that others have taken nobody says so. One that is forgotten is received alone once more.
    private static let most = 10_000

    private var hashes: Set<Int> = []

    func contains(_ message: Inbox.Message) -> Bool {
        !self.hashes.isEmpty && self.hashes.contains(message.body.hashValue)
    }

    /// Notes what a settlement says of its message: acquitted, or at its end.
    mutating func judge(_ settlement: Inbox.Settlement) {
        guard case .giveBack = settlement.outcome else {
            if self.contains(settlement.message) { self.hashes.remove(settlement.message.body.hashValue) }
            return
        }
        guard settlement.isAcquitted, settlement.message.crashes > 0 else { return }
        if self.hashes.count >= Self.most { self.hashes = [] }
        self.hashes.insert(settlement.message.body.hashValue)
    }
}
