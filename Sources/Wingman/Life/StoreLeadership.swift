import Supervision

/// Whether this process leads a role, as far as it knows: asks the store again after a third of the term.
///
/// Leadership saves work; what is done under it is atomic in the store and harmless if two do it.
struct StoreLeadership {
    let role: String
    let term: Duration
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    private var leader: (process: ProcessID, until: Duration)?

    init(role: String, term: Duration, store: any Store, life: ProcessLife, time: any Timekeeper) {
        self.role = role
        self.term = term
        self.store = store
        self.life = life
        self.time = time
    }

    /// Takes or keeps the lead. Without a lease there is none: that is not waited for, or a stop would wait, too.
    mutating func holds() async throws -> Bool {
        guard let incarnation = self.life.holder else { return false }
        let now = self.time.now
        if let leader, leader.process == incarnation.process, now < leader.until - self.term * 2 / 3 { return true }
        let isLeading = try await self.store.lead(self.role, process: incarnation.process, for: self.term) != nil
        self.leader = isLeading ? (incarnation.process, now + self.term) : nil
        return isLeading
    }

    /// Gives the lead up so that another process takes it at once.
    mutating func resign() async {
        guard let leader else { return }
        self.leader = nil
        try? await self.store.resign(self.role, process: leader.process)
    }
}
