/// What the manager keeps and answers.
extension ManagerState {
    /// A claimed job on its way through this process.
    struct Work: Sendable {
        let claimed: Claimed
        let epoch: Int
        /// Its place in the order of claiming; later is newer.
        let order: Int
    }

    /// A job on a processor.
    struct Running {
        let work: Work
        let startedAt: Duration
        var cancelReason: CancelReason?
    }

    /// What the capsule does with new work.
    enum Phase: Sendable {
        case running
        /// Nothing new is claimed or started; what runs goes on.
        case quiet
        /// As quiet; the capsule ends once it is empty.
        case stopping
    }

    /// What the fetcher does next.
    enum Plan: Sendable {
        /// - `enough`: as ``Step/enough``.
        case step(settlements: [Settlement], claim: Int, enough: Int)
        /// Nothing to do until something changes.
        case rest
        /// The incarnation has ended: go on under the next one.
        case fenced
        /// The capsule is empty and stops.
        case finish
    }
}
