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

    /// Where a message goes.
    private enum Way {
        case routed(client: String)
        case refused(Refusal.Reason)
    }

    /// What becomes of the messages of one claim.
    private struct Batch {
        var settlements: [Inbox.Settlement] = []
        /// Those that do not go back, by the ids of their messages.
        var ways: [Int: Way] = [:]
    }

    private func exchangeAll(_ inbox: Inbox) async throws {
        var batch = Batch()
        // What was decided, and not made yet.
        var open: [Int: Way] = [:]
        // A claim ends at some megabytes in any case; this keeps the settlements of one step as small.
        var credit = Portion(most: InboundLanes.most)
        while let messages = try await inbox.exchange(batch.settlements, upTo: credit.value) {
            self.workshop.board.router.busySince = messages.isEmpty ? nil : self.environment.time.now
            self.report(&open, inbox)
            self.workshop.noteLostReplies(of: inbox)
            batch = try await self.batch(of: messages)
            open.merge(batch.ways) { $1 }
            credit.took(messages.map(\.body))
        }
        self.report(&open, inbox)
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
            if let reason = decision.reason { batch.ways[message.id] = .refused(reason) }
            if let client = decision.client { batch.ways[message.id] = .routed(client: client) }
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

    /// Since an exchange is over, messages are where they belong; but those that the store refuses to move are still here, and
    /// those that were lost are others'.
    private func report(_ open: inout [Int: Way], _ inbox: Inbox) {
        for message in inbox.takeLost() { open[message.id] = nil }
        guard !open.isEmpty else { return }
        let kept = Set(inbox.refusals.map(\.settlement.message.id))
        let made = open.filter { !kept.contains($0.key) }.values
        open = open.filter { kept.contains($0.key) }
        var clients: Set<String> = []
        var routed = 0
        for way in made {
            switch way {
            case .routed(let client):
                routed += 1
                clients.insert(client)
            case .refused(let reason): self.refused(reason)
            }
        }
        self.workshop.board.routed(routed)
        self.workshop.metrics.routed.increment(by: routed)
        for client in clients { self.nudge(client) }
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
