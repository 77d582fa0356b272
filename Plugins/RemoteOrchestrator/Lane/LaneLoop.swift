import Logging
import ServiceLifecycle
import Supervision
import Wingman

/// Serves the lane of one client in this process, as long as the process takes messages.
///
/// The client's messages are claimed only once its service has run here, since only the service says how its lane works; and,
/// where order counts, only while this process has the lane's role.
struct LaneLoop: Sendable {
    let client: String
    let workshop: Workshop
    /// Rung when something was routed to a client whose service takes no messages.
    let bell = Bell()

    /// From one look at what has come for a service that takes no messages to the next.
    private static let refusalInterval = Duration.seconds(60)
    /// Longer than a wait for messages lasts in the store after its inbox was closed.
    private static let longestArrival = Duration.seconds(6)
    /// For a service that may come up any time.
    private static let serviceInterval = Duration.seconds(5)

    private var environment: ServiceEnvironment { self.workshop.environment }
    private var isOver: Bool { self.workshop.closing.isClosed || Task.isCancelled }

    func run() async throws {
        let ticket = self.workshop.closing.whenClosed { self.bell.ring() }
        defer { self.workshop.closing.forget(ticket) }
        var left = self.environment.time.now
        while !self.isOver {
            switch self.environment.services.state(of: self.client) {
            case .running:
                try await self.serve(&left)
            case .parked:
                if try await self.sitOut(since: left) { left = self.environment.time.now }
                await self.awaitService()
            case .restarting, .absent:
                await self.awaitService()
            }
        }
        try await self.handOverAtLast(since: left)
    }

    /// The service is parked here: its messages are others', if others have it. Else they wait, or become dead letters.
    ///
    /// - Returns: Whether it has claimed any.
    private func sitOut(since left: Duration) async throws -> Bool {
        let refusal = LaneRefusal(client: self.client, workshop: self.workshop)
        let role = OrchestratorKeys.role(of: self.client)
        guard !self.workshop.options.holdsWhenParked, try await self.isForNobody(), try await refusal.hasMessages(),
            let holder = try await self.workshop.persist(
                "take a role",
                unlessClosing: true,
                { try await self.workshop.roles.takeNow(role) }
            ) ?? nil
        else {
            try await self.handOver(since: left)
            return false
        }
        let reason = Refusal(.unavailable, "its service keeps failing, and is parked")
        // The role goes back later, see above: what is on its way to us now would be overtaken.
        try await refusal.refuseAll(with: reason, as: holder) { try await self.isForNobody() }
        return true
    }

    /// Whether the service is given up wherever there is one.
    private func isForNobody() async throws -> Bool {
        guard self.environment.services.state(of: self.client) == .parked else { return false }
        let fleet = try await self.workshop.fleet()
        return fleet.map { !$0.serves(self.client, besides: self.environment.process) } ?? false
    }

    /// Gives the lane's role up. What may still be on its way to this process is waited for first: it is older than what the
    /// next owner finds.
    private func handOver(since left: Duration) async throws {
        let role = OrchestratorKeys.role(of: self.client)
        guard self.workshop.roles.holder(of: role) != nil, self.environment.time.now - left > Self.longestArrival else {
            return
        }
        let counts = try await self.workshop.persist("look for what is held", unlessClosing: true) {
            try await self.environment.counts()
        }
        let lists = self.workshop.names.lanes(of: self.client)
        guard let counts, lists.allSatisfy({ counts.inFlightBySource[.list($0), default: 0] == 0 }) else { return }
        try await self.workshop.giveBack(role)
    }

    /// Nobody serves the lane here any more. A quiet process may stay for long, and others wait for a role that was kept for
    /// a service that was parked, or since not everything was back.
    private func handOverAtLast(since left: Duration) async throws {
        let (environment, role) = (self.environment, OrchestratorKeys.role(of: self.client))
        while environment.isQuiet, !Task.isCancelled, !Task.isShuttingDownGracefully {
            try await self.handOver(since: left)
            guard self.workshop.roles.holder(of: role) != nil else { return }
            await self.bell.sleepUnlessStopped(for: Self.longestArrival, on: environment.time)
        }
    }

    /// Waits until the service runs, for a while.
    private func awaitService() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await self.environment.services.wait(for: self.client, within: Self.serviceInterval)
                // Not once the bell has been rung: that would end the next wait as well, and so on.
                if !Task.isCancelled { self.bell.ring() }
            }
            await self.bell.sleep(for: nil, on: self.environment.time)
            group.cancelAll()
        }
    }

    /// - Parameter left: When it last let go of messages.
    private func serve(_ left: inout Duration) async throws {
        guard let kind = await HandlerKind.current(of: self.client, in: self.environment.services) else { return }
        guard let (lanes, retry) = kind.lane else {
            try await self.refuse(&left)
            return await self.bell.sleep(for: Self.refusalInterval, on: self.environment.time)
        }
        defer { left = self.environment.time.now }
        guard lanes.isExclusive else {
            try await self.serve(kind, lanes, retry, as: nil)
            return
        }
        let role = OrchestratorKeys.role(of: self.client)
        guard let holder = await self.workshop.roles.acquire(role) else { return }
        let hasLeft = try await self.serve(kind, lanes, retry, as: holder)
        // If we die before this, or what we hold is not back yet, others wait for our lease to end.
        if hasLeft { try await self.workshop.release(role) }
    }

    /// The service takes no messages. A role that it had as a handler is for others.
    private func refuse(_ left: inout Duration) async throws {
        let refusal = LaneRefusal(client: self.client, workshop: self.workshop)
        guard try await refusal.hasMessages() else { return try await self.handOver(since: left) }
        try await refusal.refuseAll(with: Refusal(.notAHandler, "the service takes no messages"))
        left = self.environment.time.now
    }

    /// - Returns: Whether everything is back in its lists.
    @discardableResult
    private func serve(
        _ kind: HandlerKind,
        _ lanes: InboundLanes,
        _ retry: InboundRetry,
        as holder: ProcessID?
    ) async throws -> Bool {
        let lists = self.workshop.names.lanes(of: self.client)
        let inbox = try self.environment.inbox(
            lists: lists,
            order: lanes.order(within: self.workshop.options.limits),
            as: holder
        )
        let (waker, bell) = (inbox.waker, self.bell)
        let blocks = lanes.isExclusive && retry.whenOrdered == .block
        let work = LaneWork(
            lanes,
            runner: LaneRunner(client: self.client, workshop: self.workshop, retry: retry, blocks: blocks)
        ) {
            waker.ring()
            bell.ring()
        }
        self.workshop.board.opened(self.client, lanes, work)
        // It may have been paused before anybody knew of this lane.
        work.notePause()
        defer { self.workshop.board.closed(self.client) }
        let turn = LaneTurn(client: self.client, workshop: self.workshop, inbox: inbox, work: work, blocks: blocks)
        do {
            try await turn.exchangeAll(while: kind)
            return try await turn.leave(bell)
        } catch is InboxFenced {
            await turn.abandon()
            return false
        } catch {
            await turn.abandon()
            throw error
        }
    }
}
