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

    private func exchangeAll(_ inbox: Inbox) async throws {
        var settlements: [Inbox.Settlement] = []
        var clients: Set<String> = []
        var credit = RouterCredit()
        while let messages = try await inbox.exchange(settlements, upTo: credit.value) {
            self.workshop.board.router.busySince = messages.isEmpty ? nil : self.environment.time.now
            // They have their messages since this exchange.
            for client in clients { self.nudge(client) }
            (settlements, clients) = self.settlements(of: messages)
            credit.claimed(messages.count, bytes: messages.reduce(0) { $0 + $1.body.count })
        }
        self.workshop.board.router.busySince = nil
    }

    /// - Returns: What becomes of the messages, and the clients they go to.
    private func settlements(of messages: [Inbox.Message]) -> ([Inbox.Settlement], Set<String>) {
        guard !messages.isEmpty else { return ([], []) }
        let services = self.environment.services
        let rules = RouteRules(
            options: self.workshop.options,
            burial: self.workshop.burial,
            isKnown: { services.isDeclared($0) }
        )
        let now = Workshop.now
        var routed = 0
        var clients: Set<String> = []
        let settlements = messages.map { message in
            let decision = rules.decide(message.body, crashes: message.crashes, now: now)
            if let reason = decision.reason { self.refused(reason) }
            if let client = decision.client {
                routed += 1
                clients.insert(client)
            }
            return Inbox.Settlement(message, decision.destination.outcome, effects: decision.effects)
        }
        self.workshop.board.routed(routed)
        self.workshop.metrics.routed.increment(by: routed)
        return (settlements, clients)
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
