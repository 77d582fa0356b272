import Logging
import Metrics
import Supervision
import Wingman

/// Moves messages from the list that producers push to into the lists of the lanes, in their order: in one process at a time.
///
/// If we die between claim and settlement, the messages go back to the head of their list, and the next router moves them.
struct RouterLoop: Sendable {
    let workshop: Workshop
    /// Tells the lane of a client that something was routed to it.
    let nudge: @Sendable (String) -> Void

    private var environment: ServiceEnvironment { self.workshop.environment }

    func run() async throws {
        let role = OrchestratorKeys.routerRole
        while let holder = await self.workshop.roles.acquire(role) {
            let hasLeft = try await self.route(as: holder)
            if hasLeft { try await self.workshop.release(role) }
        }
    }

    /// - Returns: Whether everything is back in its list.
    private func route(as holder: ProcessID) async throws -> Bool {
        self.workshop.board.router.isHere = true
        defer { self.workshop.board.router.isHere = false }
        let duties = RouterDuties(workshop: self.workshop)
        // Unstructured: the inbox stays in this task, which ends the duties with its turn.
        let chores = Task(executorPreference: self.environment.time.executor) { await duties.run() }
        defer { chores.cancel() }
        let inbox = try self.environment.inbox(
            lists: [self.workshop.options.list],
            suspects: .amongOthers,
            as: holder
        )
        do {
            try await self.exchangeAll(inbox)
        } catch is InboxFenced {
            _ = await inbox.close()
            return false
        }
        return await inbox.close()
    }

    /// What becomes of the messages of one claim.
    private struct Batch {
        var settlements: [Inbox.Settlement] = []
        var clients: Set<String> = []
        var routed = 0
        var refused: [Refusal.Reason] = []
    }

    private func exchangeAll(_ inbox: Inbox) async throws {
        var batch = Batch()
        // A claim ends at some megabytes in any case; this keeps the settlements of one step as small.
        var credit = Portion(most: InboundLanes.most)
        while let messages = try await inbox.exchange(batch.settlements, upTo: credit.value) {
            self.workshop.board.router.busySince = messages.isEmpty ? nil : self.environment.time.now
            self.report(batch)
            self.workshop.noteLostReplies(of: inbox)
            batch = try await self.batch(of: messages)
            credit.took(messages.map(\.body))
        }
        self.report(batch)
        self.workshop.inboxHasEnded()
        self.workshop.board.router.busySince = nil
    }

    private func batch(of messages: [Inbox.Message]) async throws -> Batch {
        var batch = Batch()
        guard let decisions = try await self.decisions(on: messages) else {
            batch.settlements = messages.map { Inbox.Settlement($0, .giveBack) }
            return batch
        }
        for (message, decision) in zip(messages, decisions) {
            if let reason = decision.reason { batch.refused.append(reason) }
            if let client = decision.client {
                batch.routed += 1
                batch.clients.insert(client)
            }
            batch.settlements.append(
                Inbox.Settlement(
                    message,
                    decision.destination.outcome,
                    effects: decision.effects,
                    ifPossible: decision.reply
                )
            )
        }
        return batch
    }

    /// What this program does not have, newer or older ones may: they are asked for only if a message needs it.
    ///
    /// - Returns: Nil if it is closing while the store is away.
    private func decisions(on messages: [Inbox.Message]) async throws -> [RouteRules.Decision]? {
        let services = self.environment.services
        let decisions = self.decide(messages) { services.isDeclared($0) }
        guard decisions.contains(where: \.isForStranger) else { return decisions }
        guard let fleet = try await self.workshop.fleet() else { return nil }
        return self.decide(messages) { services.isDeclared($0) || fleet.has($0) }
    }

    private func decide(
        _ messages: [Inbox.Message],
        _ isKnown: @escaping @Sendable (String) -> Bool
    ) -> [RouteRules.Decision] {
        let rules = RouteRules(options: self.workshop.options, burial: self.workshop.burial, isKnown: isKnown)
        let now = Workshop.now
        return messages.map { rules.decide($0.body, crashes: $0.crashes, now: now) }
    }

    /// Its messages are where they belong since the exchange that is over.
    private func report(_ batch: Batch) {
        guard !batch.settlements.isEmpty else { return }
        self.workshop.board.routed(batch.routed)
        self.workshop.metrics.routed.increment(by: batch.routed)
        for reason in batch.refused { self.refused(reason) }
        for client in batch.clients { self.nudge(client) }
    }

    private func refused(_ reason: Refusal.Reason) {
        self.workshop.board.refused(reason)
        self.workshop.metrics.deadLetter(reason)
        self.environment.logger.warning(
            "message goes to the dead-letter list",
            metadata: ["message.list": "\(self.workshop.options.list)", "message.reason": "\(reason.rawValue)"]
        )
    }
}
