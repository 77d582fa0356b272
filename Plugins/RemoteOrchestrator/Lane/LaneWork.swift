import Logging
import Metrics
import Supervision
import Synchronization
import Wingman

/// The messages that one lane of this process holds, and the tasks that handle them.
///
/// A message that has ended lets the next one begin at once, without the lane's loop, which may just wait for the store;
/// its settlement goes along with the loop's next step.
final class LaneWork: Sendable {
    private let runner: LaneRunner
    private let time: any Timekeeper
    private let board: LaneBoard
    private let metrics: LaneMetrics
    /// Tells the lane's loop that there is something to settle or to look at.
    private let ring: @Sendable () -> Void
    private let state: Mutex<LaneHoldings>

    init(
        _ lanes: InboundLanes,
        runner: LaneRunner,
        ring: @escaping @Sendable () -> Void
    ) {
        self.runner = runner
        self.time = runner.workshop.environment.time
        self.board = runner.workshop.board
        self.metrics = runner.workshop.metrics.lane(of: runner.client)
        self.ring = ring
        self.state = Mutex(LaneHoldings(queue: LaneQueue(lanes), isPaused: self.board.isPaused(runner.client)))
    }

    // MARK: The loop's side

    /// Whether it holds nothing.
    var isEmpty: Bool { self.state.withLock { $0.items.isEmpty } }

    /// How many messages it holds.
    var count: Int { self.state.withLock { $0.items.count } }

    /// Whether it waits for the service to run again.
    var isSuspended: Bool { self.state.withLock { $0.isSuspended } }

    /// The service runs again.
    func resume() {
        self.state.withLock { $0.isSuspended = false }
        self.ring()
    }

    /// Messages were claimed.
    func accept(_ messages: [(Inbox.Message, LaneMessage)]) {
        let now = self.time.now
        let isStill = self.state.withLock { state in
            for (message, lane) in messages {
                state.items[message.id] = LaneHoldings.Item(message: message, lane: lane)
                let rest = state.takeRest(of: lane, at: now)
                state.queue.add(message.id, key: lane.envelope.key, restingUntil: rest)
            }
            // What goes back since the claim was made is older.
            return !state.mayStart || state.isReturning
        }
        let redelivered = messages.count { $0.1.failures > 0 || $0.1.crashes > 0 }
        self.board.accepted(redelivered, of: messages.count, self.runner.client)
        self.metrics.redelivered.increment(by: redelivered)
        self.metrics.inFlight.record(self.count)
        if isStill { self.returnIdle() } else { self.start() }
    }

    /// What is to be settled.
    func takeSettlements() -> [Inbox.Settlement] { self.takeStep().settlements }

    /// What is to be settled, and how many more messages to claim, of one moment: what goes back now is claimed again before
    /// anything newer.
    func takeStep() -> (settlements: [Inbox.Settlement], credit: Int) {
        self.state.withLock { state in
            defer { state.settlements = [] }
            return (state.settlements, state.mayStart ? state.queue.credit : 0)
        }
    }

    /// Messages that are not taken in go back.
    func giveBack(_ messages: [Inbox.Message]) {
        self.state.withLock { $0.settlements += messages.map { Inbox.Settlement($0, .giveBack) } }
    }

    /// Begins what may be begun.
    ///
    /// - Returns: When the next message that rests may be tried, on the timekeeper's scale. Nil if there is none, or if it
    ///   has to wait for something else as well.
    @discardableResult
    func start() -> Duration? {
        let now = self.time.now
        let hasLease = self.runner.workshop.environment.holdsLease
        let (started, nextTry) = self.state.withLock { state -> ([(LaneMessage, Int, Attempt)], Duration?) in
            guard state.mayStart else { return ([], nil) }
            state.lacksLease = !hasLease
            // Others may have what this process holds.
            guard hasLease else { return ([], nil) }
            let started = state.queue.start(at: now).compactMap { ticket -> (LaneMessage, Int, Attempt)? in
                guard let lane = state.items[ticket]?.lane else { return nil }
                let attempt = Attempt()
                state.items[ticket]?.attempt = attempt
                return (lane, ticket, attempt)
            }
            return (started, state.queue.nextTry(after: now))
        }
        for (lane, ticket, attempt) in started {
            // Unstructured: each message ends on its own, in any order, and is cancelled on its own; the lane's loop waits
            // for all of them. On the pool, since it is the app's code.
            let task = Task(name: "message", executorPreference: globalConcurrentExecutor) {
                let result = await self.runner.run(lane, attempt)
                self.ended(ticket, result)
            }
            attempt.began(task)
        }
        return nextTry
    }

    /// The lease is confirmed: what was not begun for want of it may begin.
    func noteLease() {
        let isAwaited = self.state.withLock { state in
            defer { state.lacksLease = false }
            return state.lacksLease
        }
        if isAwaited { self.ring() }
    }

    /// Nothing more begins, and what does not run goes back.
    func close() {
        self.state.withLock { $0.isClosing = true }
        self.returnIdle()
    }

    /// Cancels all that runs.
    func cancelAll(_ reason: Attempt.Reason) {
        let attempts = self.state.withLock { $0.items.values.compactMap(\.attempt) }
        for attempt in attempts { attempt.cancel(reason) }
    }

    /// Messages that belong to others by now; what comes of them here is of no account.
    func forget(_ lost: [Inbox.Message]) {
        guard !lost.isEmpty else { return }
        let items = self.state.withLock { state in
            lost.compactMap { message -> LaneHoldings.Item? in
                state.queue.end(message.id)
                return state.items.removeValue(forKey: message.id)
            }
        }
        for item in items { item.attempt?.cancel(.lost) }
        self.board.lost(lost.count, unfinished: items.count, of: self.runner.client)
        self.metrics.lost.increment(by: lost.count)
        self.ring()
    }

    /// A message that is none, or is for nobody: put away without an attempt.
    func refuse(_ settlement: Inbox.Settlement, _ reason: Refusal.Reason) {
        self.state.withLock { $0.settlements.append(settlement) }
        self.board.accepted(0, of: 1, self.runner.client)
        self.count(.dead(reason), after: nil)
    }

    // MARK: The control's side

    /// Whether the client is paused may have changed. Nothing of a paused lane begins; what runs goes on.
    func notePause() {
        // Asked under the lock, so that of two changes at a time the later one stays.
        let isPaused = self.state.withLock { state in
            state.isPaused = self.board.isPaused(self.runner.client)
            return state.isPaused
        }
        if isPaused { self.returnIdle() }
        self.ring()
    }

    /// Gives up the message of this id.
    ///
    /// - Returns: Whether it is here.
    func cancel(id: String) -> Bool {
        let (item, wasIdle) = self.state.withLock { state -> (LaneHoldings.Item?, Bool) in
            guard var item = state.items.values.first(where: { $0.lane.parcel.id == id }) else { return (nil, false) }
            let wasIdle = item.attempt == nil && state.queue.begin(item.message.id)
            if wasIdle { item.attempt = Attempt() }
            state.items[item.message.id] = item
            return (item, wasIdle)
        }
        guard let item else { return false }
        item.attempt?.cancel(.control)
        if wasIdle {
            // Unstructured, as attempts are; but nothing of the app's is called.
            Task(executorPreference: self.time.executor) {
                self.ended(item.message.id, await self.runner.refuse(item.lane, LaneRunner.cancelled))
            }
        }
        return true
    }

    // MARK: Ends

    private func ended(_ ticket: Int, _ result: LaneRunner.Result) {
        let now = self.time.now
        // In one moment: a message that has left the lane without its settlement would be given back.
        let end = self.state.withLock { state -> (fate: Verdict.Fate?, returned: Int)? in
            guard let item = state.items[ticket] else { return nil }
            if case .rest(let delay, _) = result.verdict, state.mayStart {
                state.items[ticket]?.lane = result.message
                state.items[ticket]?.attempt = nil
                state.queue.rest(ticket, until: now + delay)
                return nil
            }
            if case .rest(let delay, _) = result.verdict { state.note(result.message, rests: now + delay) }
            state.queue.end(ticket, after: result.time)
            state.items[ticket] = nil
            if result.ending == .unavailable { state.isSuspended = true }
            let (settlement, fate) = Self.settlement(of: item.message, result.verdict)
            state.settlements.append(settlement)
            return (fate, fate == nil ? state.returnIdle() : 0)
        }
        if case .rest(_, let fate) = result.verdict { self.metrics.rested(fate) }
        if let end {
            self.count(end.fate, after: result.time)
            for _ in 0..<end.returned { self.count(nil, after: nil) }
        }
        self.start()
        self.ring()
    }

    /// - Returns: Also how it counts; nil if it goes back.
    private static func settlement(
        of message: Inbox.Message,
        _ verdict: Verdict
    ) -> (Inbox.Settlement, Verdict.Fate?) {
        switch verdict {
        case .settle(let destination, let effects, let reply, let fate):
            return (Inbox.Settlement(message, destination.outcome, effects: effects, ifPossible: reply), fate)
        case .rest:
            var settlement = Inbox.Settlement(message, .giveBack)
            settlement.isAcquitted = true
            return (settlement, nil)
        case .giveBack: return (Inbox.Settlement(message, .giveBack), nil)
        }
    }

    /// All that does not run goes back to its lists; the inbox keeps the order.
    func returnIdle() {
        let returned = self.state.withLock { $0.returnIdle() }
        for _ in 0..<returned { self.count(nil, after: nil) }
        if returned > 0 { self.ring() }
    }

    /// - Parameter fate: Nil if it was given back.
    private func count(_ fate: Verdict.Fate?, after time: Duration?) {
        self.board.ended(fate, of: self.runner.client)
        self.metrics.ended(fate, after: time)
        if case .dead(let reason) = fate {
            self.runner.workshop.metrics.deadLetter(reason)
            self.runner.workshop.environment.logger.warning(
                "message goes to the dead-letter list",
                metadata: ["message.client": "\(self.runner.client)", "message.reason": "\(reason.rawValue)"]
            )
        }
        self.metrics.inFlight.record(self.count)
    }
}
