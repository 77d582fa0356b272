public import Supervision
internal import SupervisionTesting
internal import Synchronization
public import Wingman

/// A store between your code and another one that fails as you say: requests are lost, replies are lost, answers come
/// late, or the store is away for a while.
///
/// ```swift
/// let store = FaultyStore(MemoryStore())
/// store.fail(.enqueue, by: .losingReply)     // the next push is carried out, and throws
/// store.isAway = true                        // every call throws until it is false again
/// ```
///
/// With a ``Plan`` it fails at random, the same way for the same seed and order of calls.
public final class FaultyStore: Store {
    /// A method of ``Wingman/Store``.
    public enum Call: String, Sendable, CaseIterable {
        /// A method of that name.
        case open, enqueue, beat, leave, abandon, rescue, step, wait, stopWaiting, isolate, due, promote, lead, resign
        /// A method of that name.
        case apply, values, members, receive, counts, processes, executions, inFlight, keyCounts, entries, edit
        /// A method of that name.
        case setPaused, pausedQueues, signal
    }

    /// One thing that goes wrong with one call.
    public enum Fault: Sendable, Equatable {
        /// The call throws ``Wingman/StoreError`` and is not carried out; the caller cannot know.
        case losingRequest
        /// The call is carried out, its answer lost.
        case losingReply
        /// The call is refused for want of room.
        case full
        /// The call is refused, and waiting does not help: by a store that is there and answers.
        case refusal
        /// The call is carried out after a while.
        case delay(Duration)
    }

    /// What goes wrong at random.
    public struct Plan: Sendable {
        /// The same seed, the same faults.
        public var seed: UInt64
        /// How many calls of a hundred lose their request.
        public var lostRequests: Int
        /// How many calls of a hundred lose their reply.
        public var lostReplies: Int
        /// Which calls.
        public var calls: Set<Call>

        /// Faults for `calls`, in percent.
        public init(
            seed: UInt64,
            lostRequests: Int = 0,
            lostReplies: Int = 0,
            calls: Set<Call> = Set(Call.allCases).subtracting([.open])
        ) {
            self.seed = seed
            self.lostRequests = lostRequests
            self.lostReplies = lostReplies
            self.calls = calls
        }
    }

    private struct State {
        var random: SeededGenerator
        var planned: [Call: [Fault]] = [:]
        var isAway = false
        var faults: [(call: Call, fault: Fault)] = []
    }

    /// The store behind.
    public let base: any Store
    private let plan: Plan?
    private let time: any Timekeeper
    private let state: Mutex<State>

    /// A store that fails by `plan`, and as it is told.
    ///
    /// - Parameters:
    ///   - base: The store that carries calls out.
    ///   - plan: What goes wrong at random; nil is nothing.
    ///   - time: What delays are timed by.
    public init(_ base: any Store, plan: Plan? = nil, time: any Timekeeper = TimerThread.shared) {
        self.base = base
        self.plan = plan
        self.time = time
        self.state = Mutex(State(random: SeededGenerator(seed: plan?.seed ?? 0)))
    }

    /// The location of the store behind.
    public var location: String { self.base.location }

    /// Whether every call but ``close()`` throws, as when the server is gone.
    public var isAway: Bool {
        get { self.state.withLock { $0.isAway } }
        set { self.state.withLock { $0.isAway = newValue } }
    }

    /// Lets the next call of a method fail; called again, the one after it.
    public func fail(_ call: Call, by fault: Fault) {
        self.state.withLock { $0.planned[call, default: []].append(fault) }
    }

    /// What went wrong so far, in order.
    public var faults: [(call: Call, fault: Fault)] { self.state.withLock { $0.faults } }

    /// Carries a call out, or not.
    func through<Answer>(_ call: Call, _ body: (any Store) async throws -> Answer) async throws -> Answer {
        let fault = self.state.withLock { self.next(for: call, &$0) }
        switch fault {
        case nil:
            return try await body(self.base)
        case .losingRequest:
            throw Self.lost(call)
        case .losingReply:
            _ = try await body(self.base)
            throw Self.lost(call)
        case .full:
            throw StoreError(.full, "\(call.rawValue): no room, by the test's plan")
        case .refusal:
            throw StoreError(.refused, "\(call.rawValue): refused, by the test's plan")
        case .delay(let duration):
            try await self.time.sleep(for: duration)
            return try await body(self.base)
        }
    }

    private func next(for call: Call, _ state: inout State) -> Fault? {
        let fault = self.choose(for: call, &state)
        if let fault { state.faults.append((call, fault)) }
        return fault
    }

    private func choose(for call: Call, _ state: inout State) -> Fault? {
        if state.isAway { return .losingRequest }
        if let planned = state.planned[call], let first = planned.first {
            state.planned[call] = Array(planned.dropFirst())
            return first
        }
        guard let plan = self.plan, plan.calls.contains(call) else { return nil }
        let point = state.random.number(0..<100)
        if point < plan.lostRequests { return .losingRequest }
        return point < plan.lostRequests + plan.lostReplies ? .losingReply : nil
    }

    private static func lost(_ call: Call) -> StoreError {
        StoreError(.unavailable, "\(call.rawValue): the connection was lost, by the test's plan", mayHaveRun: true)
    }
}
