import Supervision

/// What is in the store beside the plugin's own keys.
extension ServiceEnvironment {
    /// Messages from a list of the store, each claimed and settled like a job: what a dead process held comes back.
    ///
    /// - Parameter list: The list's key in the store; producers `LPUSH` to it.
    /// - Throws: ``ConfigurationError`` in client mode, which holds no lease.
    public func inbox(list: String) throws -> Inbox {
        try self.inbox(lists: [list])
    }

    /// Messages from several lists, as ``inbox(list:)``: those of the first list come first, as long as there are any.
    ///
    /// - Parameters:
    ///   - lists: The lists' keys in the store.
    ///   - suspects: How messages are received that were in flight when a process died.
    ///   - order: Which messages may not overtake each other.
    ///   - process: An identity of this process: once it has another one, the inbox receives nothing more and throws
    ///     ``InboxFenced``. For loops that hold something else under that identity as well. Nil: it goes on under the next.
    /// - Throws: ``ConfigurationError`` in client mode, which holds no lease, and without a list.
    public func inbox(
        lists: [String],
        suspects: Inbox.Suspects = .alone,
        order: Inbox.Order = .ordered,
        as process: ProcessID? = nil
    ) throws -> Inbox {
        guard let life else {
            throw ConfigurationError(["an inbox needs server mode: it holds messages under a lease"])
        }
        guard !lists.isEmpty, Set(lists).count == lists.count else {
            throw ConfigurationError(["an inbox needs lists, each once: it has \(lists)"])
        }
        return Inbox(lists: lists, suspects: suspects, order: order, pinned: process, environment: self, life: life)
    }

    /// Moves messages of `Place.later` whose time has come to the tail of their list, the one due first first. Whoever
    /// settles messages with ``Inbox/Outcome/later(list:_:in:)`` calls this now and then, in one process of all.
    ///
    /// - Parameters:
    ///   - list: The list's key.
    ///   - limit: How many at most, 500 in any case.
    /// - Returns: How many were moved, and how long it is until the next one is due by the store's clock: zero if more
    ///   are due, nil if there is none.
    /// - Throws: ``StoreError``. A call whose answer was lost may be made again.
    public func deliverDue(of list: String, limit: Int) async throws -> (moved: Int, nextDue: Duration?) {
        let limit = min(limit, Step.limit)
        guard limit > 0 else { return (0, nil) }
        let due = try await self.store.due(in: .later(list), limit: limit)
        guard !due.entries.isEmpty else { return (0, due.nextDue.map { max(.zero, $0) }) }
        let promotions = due.entries.map { Promotion.deliver(entry: $0, list: list, payload: $0) }
        let moved = try await self.store.promote(promotions, from: .later(list))
        return (moved, due.entries.count < limit ? due.nextDue.map { max(.zero, $0) } : .zero)
    }

    /// Deletes or moves messages that nobody holds; each only if it is still there, all in one step.
    ///
    /// - Parameters:
    ///   - edits: What becomes of which message.
    ///   - place: A list, or what waits for one (`Place.later`).
    /// - Returns: How many were there.
    /// - Throws: ``ConfigurationError`` for a place that is the host's (queues, retry set …), also as a destination;
    ///   ``StoreError``.
    public func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int {
        let places = [place] + edits.compactMap { $0.destination?.place }
        if let place = places.first(where: \.isHosts) {
            throw ConfigurationError([
                "plugin \(self.owner) edits \(place): it may edit lists of messages only"
            ])
        }
        return try await self.store.edit(edits, in: place)
    }

    /// The processes that work on the store, this one included, as their last beats say.
    public func processes() async throws -> [ProcessReport] {
        try await self.store.processes()
    }

    /// Takes the first element of a plain list, waiting for one at most `timeout`. Not held under a lease: for replies,
    /// which only their receiver needs. For everything else there is ``inbox(list:)``.
    ///
    /// - Returns: The element, or nil if the time ran out.
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        try await self.store.receive(from: list, timeout: timeout)
    }

    /// How much is where, by the store's clock.
    public func counts() async throws -> StoreCounts {
        try await self.store.counts()
    }

    /// Which of these jobs, by their jids, are in flight: held by a process, alive or not, or on their way to one. Looks
    /// through all that is in flight.
    public func inFlight(_ jobIDs: Set<String>) async throws -> Set<String> {
        try await self.store.inFlight(jobIDs)
    }

    /// Entries of a queue, a list or a set, those that are next first. Nothing is claimed.
    public func entries(in place: Place, from offset: Int = 0, limit: Int) async throws -> [Entry] {
        try await self.store.entries(in: place, from: offset, limit: limit)
    }
}
