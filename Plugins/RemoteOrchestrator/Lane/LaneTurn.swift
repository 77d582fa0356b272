import Logging
import Supervision
import Wingman

/// One time in which a lane claims messages: from the first step of its inbox to the last.
struct LaneTurn {
    let client: String
    let workshop: Workshop
    let inbox: Inbox
    let work: LaneWork
    /// Whether messages that failed stay where they are, and their attempts are counted in the store.
    let blocks: Bool

    /// For cancelled handlers to return.
    private static let patience = Duration.seconds(1)
    /// For handlers whose service is parked, before they are cancelled.
    private static let grace = Duration.seconds(10)
    /// From one look at the service to the next, while handlers run.
    private static let interval = Duration.seconds(5)

    /// Claims, handles and settles, until the process takes no more messages, or the service is parked, or has come back as
    /// another kind.
    ///
    /// - Throws: `InboxFenced` if the process has lost its role together with its lease.
    func exchangeAll(while kind: HandlerKind) async throws {
        let services = self.workshop.environment.services
        let watch = ServiceWatch(
            services,
            of: self.client,
            work: self.work,
            waker: self.inbox.waker,
            time: self.workshop.environment.time
        )
        // The kind may be that of an incarnation long gone: a role is waited for.
        var known = RegistryState.absent
        defer { watch.cancel() }
        let alarm = RestAlarm(waker: self.inbox.waker, time: self.workshop.environment.time)
        defer { alarm.cancel() }
        while true {
            self.work.forget(self.inbox.takeLost())
            // Everything waits for what this lane holds and does not work on: a suspect is to run alone.
            if self.inbox.isHeld { self.work.returnIdle() }
            let nextTry = self.work.start()
            alarm.set(self.nextLook(nextTry))
            // Also while all places are taken: what runs there may wait for the service itself.
            if services.state(of: self.client) == .parked { return }
            if self.work.isSuspended { watch.begin() }
            let (settlements, credit) = self.work.takeStep()
            let messages = try await self.inbox.exchange(settlements, upTo: credit)
            self.workshop.noteLostReplies(of: self.inbox)
            guard let messages else { return self.workshop.inboxHasEnded() }
            guard !messages.isEmpty else { continue }
            if await self.isOther(than: kind, &known) { return self.work.giveBack(messages) }
            try await self.accept(messages)
        }
    }

    /// Whether another incarnation of the service takes messages in another way.
    ///
    /// - Parameter known: The incarnation that was looked at last.
    private func isOther(than kind: HandlerKind, _ known: inout RegistryState) async -> Bool {
        let services = self.workshop.environment.services
        let state = services.state(of: self.client)
        guard case .running = state, state != known else { return false }
        guard let present = await HandlerKind.current(of: self.client, in: services) else { return false }
        known = state
        return present != kind
    }

    /// When a message that rests may be tried, or it is time to see whether the service is still there for those at work.
    private func nextLook(_ nextTry: Duration?) -> Duration? {
        let look = self.work.isEmpty ? nil : self.workshop.environment.time.now + Self.interval
        return [nextTry, look].compactMap(\.self).min()
    }

    // MARK: Taking in

    private func accept(_ messages: [Inbox.Message]) async throws {
        var read: [(Inbox.Message, LaneMessage)] = []
        for message in messages {
            do throws(Refusal) {
                let limits = self.workshop.options.limits
                read.append((message, try LaneMessage(message, keys: self.workshop.names.keys, limits: limits)))
            } catch {
                self.refuse(message, error)
            }
        }
        guard self.blocks, !read.isEmpty else { return self.work.accept(read) }
        let names = read.map(\.1.attempts.name)
        let counts = try await self.workshop.persist("count attempts", unlessClosing: true) {
            try await self.workshop.environment.keys.values(of: names)
        }
        // The process stops, and the store is away: what was received and not settled goes back with the inbox.
        guard let counts else { return }
        for (index, count) in counts.enumerated() { read[index].1.note(attempts: count) }
        self.work.accept(read)
    }

    private func refuse(_ message: Inbox.Message, _ refusal: Refusal) {
        self.work.refuse(self.workshop.burial.settlement(of: message, refusal, now: Workshop.now), refusal.reason)
    }

    // MARK: Leaving

    /// Lets what runs come to its end, gives back the rest in its order. Handlers of a parked service are cancelled after a
    /// while: they may wait for it.
    ///
    /// - Returns: Whether everything is back in its lists.
    /// - Throws: `InboxFenced` if what the lane holds is others' by now.
    func leave(_ bell: Bell) async throws -> Bool {
        self.work.close()
        let environment = self.workshop.environment
        var timer: ScheduledTimer?
        defer { timer?.cancel() }
        while !self.work.isEmpty, !Task.isCancelled {
            if timer == nil, environment.services.state(of: self.client) == .parked {
                timer = environment.time.schedule(after: Self.grace) { [work] in work.cancelAll(.stopping) }
            }
            try await self.settle()
            // Nobody rings when the lease is lost, or the service is parked.
            if !self.work.isEmpty { await bell.sleep(for: Self.interval, on: environment.time) }
        }
        if !self.work.isEmpty { await self.cancelAll(.stopping, bell) }
        try await self.settle()
        return await self.inbox.close()
    }

    /// The process has lost all it held, or cannot settle it.
    func abandon() async {
        self.workshop.environment.logger.warning(
            "a lane has lost what it held: its handlers are cancelled",
            metadata: ["message.client": "\(self.client)", "messages.lost": "\(self.work.count)"]
        )
        self.work.close()
        self.work.forget(self.inbox.takeLost())
        self.work.cancelAll(.lost)
        _ = await self.inbox.close()
    }

    private func settle() async throws {
        let settlements = self.work.takeSettlements()
        // Also without any, while something runs: it hears of a lost lease.
        if !settlements.isEmpty || !self.work.isEmpty { try await self.inbox.settle(settlements) }
        self.workshop.noteLostReplies(of: self.inbox)
        self.work.forget(self.inbox.takeLost())
    }

    /// Cancels all handlers and waits for them, not long: one that does not hear is left behind.
    private func cancelAll(_ reason: Attempt.Reason, _ bell: Bell) async {
        let (work, time) = (self.work, self.workshop.environment.time)
        work.cancelAll(reason)
        // Unstructured: the service's own task is cancelled by now, and would wait for nothing.
        await Task(executorPreference: time.executor) {
            let end = time.now + Self.patience
            while !work.isEmpty, time.now < end { await bell.sleep(for: end - time.now, on: time) }
        }
        .value
    }
}
