import Logging
import ServiceLifecycle
import Supervision
import Synchronization
import Wingman

/// Takes and gives back the roles that one process has at a time: routing, and the lanes whose order counts.
///
/// A role belongs to an incarnation of a process, not to a term of time. Another one takes it only once the store says that
/// the owner has ended *and* that all it held is back in its lists; and an owner that has ended claims nothing more. So
/// whoever takes a role finds the older messages before the newer ones, by no clock.
final class RoleKeeper: Sendable {
    private struct State {
        /// Those who want a role, and how to tell them.
        var wanted: [String: Bell] = [:]
        var held: [String: ProcessID] = [:]
        /// Those of them that somebody was given, who gives them back.
        var given: Set<String> = []
        /// Those that may be ours: the store has not answered, or its answer was lost.
        var asked: [String: ProcessID] = [:]
        /// The last identity that was seen registered.
        var registered: ProcessID?
    }

    /// From one try to take roles that others have to the next.
    static let interval = Duration.seconds(2)

    private let environment: ServiceEnvironment
    private let keys: OrchestratorKeys
    private let board: LaneBoard
    private let closing: Closing
    private let bell = Bell()
    private let state = Mutex(State())

    init(environment: ServiceEnvironment, keys: OrchestratorKeys, board: LaneBoard, closing: Closing) {
        self.environment = environment
        self.keys = keys
        self.board = board
        self.closing = closing
    }

    /// Tries again and again, until it is closing.
    func run() async throws {
        let ticket = self.closing.whenClosed { self.bell.ring() }
        defer { self.closing.forget(ticket) }
        var outage = Outage(what: "take roles", logger: self.environment.logger)
        while !self.closing.isClosed, !Task.isCancelled {
            do {
                try await self.turn()
                outage.end(at: self.environment.time.now)
                await self.bell.sleep(for: Self.interval, on: self.environment.time)
            } catch let error as StoreError {
                let delay = outage.failed(error, at: self.environment.time.now)
                await self.bell.sleep(for: delay, on: self.environment.time)
            }
        }
        await self.releaseUngiven()
    }

    /// The incarnation under which this process has a role now; nil if it does not.
    func holder(of role: String) -> ProcessID? {
        self.state.withLock { state in
            guard let holder = state.held[role], holder == self.environment.process else { return nil }
            return holder
        }
    }

    /// Waits for a role.
    ///
    /// - Returns: Under which identity it is held; nil if it is closing, or the task was cancelled.
    func acquire(_ role: String) async -> ProcessID? {
        let doorbell = Bell()
        let ticket = self.closing.whenClosed { doorbell.ring() }
        defer {
            self.closing.forget(ticket)
            self.state.withLock { $0.wanted[role] = nil }
        }
        self.state.withLock { $0.wanted[role] = doorbell }
        self.bell.ring()
        while !self.closing.isClosed, !Task.isCancelled {
            if let holder = self.give(role) { return holder }
            await doorbell.sleep(for: nil, on: self.environment.time)
        }
        return nil
    }

    /// Takes a role that nobody has, or one whose owner has ended, without waiting for it. Only for roles that no other part
    /// of this process wants.
    ///
    /// - Returns: Under which identity it is held; nil if another process has it.
    func takeNow(_ role: String) async throws -> ProcessID? {
        if let holder = self.give(role) { return holder }
        guard let me = try await self.registered() else { return nil }
        let owner = self.keys.owner(role)
        let attempt = RoleAttempt(at: owner, from: try await self.environment.keys.value(of: owner.name), by: me)
        guard try await self.make(attempt, for: role, as: me) else { return nil }
        self.took(role, as: me)
        return self.give(role)
    }

    /// Somebody of this process gets a role that it has.
    private func give(_ role: String) -> ProcessID? {
        self.state.withLock { state in
            guard let holder = state.held[role], holder == self.environment.process else { return nil }
            state.given.insert(role)
            return holder
        }
    }

    /// Gives a role back; nothing may be held in it any more. If we die before this, others wait for our lease to end.
    ///
    /// One of an earlier identity stays: what that one held may still be on its way back, and whoever takes the role asks.
    func release(_ role: String) async throws {
        guard let holder = self.holder(of: role) else { return }
        try await self.release(role, of: holder)
        self.state.withLock { state in
            if state.held[role] == holder { state.held[role] = nil }
        }
    }

    private func release(_ role: String, of holder: ProcessID) async throws {
        let owner = self.keys.owner(role)
        _ = try await self.environment.keys.apply(
            Change(if: [.equals(owner, Array(holder.rawValue.utf8))], [.delete(owner)])
        )
    }

    /// Roles that came when nobody here waited for them any more. A quiet process may stay for long, and others do wait.
    private func releaseUngiven() async {
        let ungiven = self.state.withLock { state in
            let ungiven = state.held.filter { !state.given.contains($0.key) }
            // From here on nobody is given them.
            for role in ungiven.keys { state.held[role] = nil }
            return ungiven.merging(state.asked) { held, _ in held }
        }
        var outage = Outage(what: "give roles back", logger: self.environment.logger)
        for (role, holder) in ungiven where self.environment.isQuiet {
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                do {
                    try await self.release(role, of: holder)
                    outage.end(at: self.environment.time.now)
                    break
                } catch {
                    await self.bell.sleepUnlessStopped(
                        for: outage.failed(error, at: self.environment.time.now),
                        on: self.environment.time
                    )
                }
            }
        }
    }

    // MARK: One turn

    private func turn() async throws {
        guard let me = try await self.registered() else { return }
        let wanted = self.state.withLock { state in state.wanted.keys.filter { state.held[$0] != me }.sorted() }
        let router = OrchestratorKeys.routerRole
        let roles = wanted.contains(router) ? wanted : wanted + [router]
        let owners = try await self.environment.keys.values(of: roles.map { self.keys.owner($0).name })
        var living: Set<[UInt8]> = []
        for (role, owner) in zip(roles, owners) {
            let isWanted = wanted.contains(role) && !self.closing.isClosed
            if isWanted, try await self.take(role, from: owner, as: me, &living) { continue }
            if role == router { self.board.routerOwner = owner.map { String(decoding: $0, as: UTF8.self) } }
        }
    }

    /// - Parameter living: Owners that have not ended. One question about each is enough: most have all roles.
    /// - Returns: Whether it is taken.
    private func take(
        _ role: String,
        from owner: [UInt8]?,
        as me: ProcessID,
        _ living: inout Set<[UInt8]>
    ) async throws -> Bool {
        let attempt = RoleAttempt(at: self.keys.owner(role), from: owner, by: me)
        if let owner, attempt.asksForOwner, living.contains(owner) { return false }
        if try await self.make(attempt, for: role, as: me) {
            self.took(role, as: me)
            return true
        }
        if let owner, attempt.asksForOwner { living.insert(owner) }
        return false
    }

    private func make(_ attempt: RoleAttempt, for role: String, as me: ProcessID) async throws -> Bool {
        self.state.withLock { $0.asked[role] = me }
        let reply = try await self.environment.keys.apply(attempt.change)
        self.state.withLock { $0.asked[role] = nil }
        return if case .applied = reply { true } else { false }
    }

    private func took(_ role: String, as me: ProcessID) {
        let doorbell = self.state.withLock { state in
            state.held[role] = me
            state.given.remove(role)
            return state.wanted[role]
        }
        if role == OrchestratorKeys.routerRole { self.board.routerOwner = me.rawValue }
        self.environment.logger.info(
            "role taken",
            metadata: ["orchestrator.role": "\(role)", "process.id": "\(me)"]
        )
        doorbell?.ring()
    }

    /// This process, once the store has it on record. Before that it counts as one that has ended, and whatever role it had
    /// would be taken from it.
    private func registered() async throws -> ProcessID? {
        guard let me = self.environment.process else { return nil }
        if self.state.withLock({ $0.registered }) == me { return me }
        guard try await self.environment.processes().contains(where: { $0.process == me }) else { return nil }
        self.state.withLock { $0.registered = me }
        return me
    }
}

/// One try to take a role: what must hold, and what is done then.
struct RoleAttempt: Sendable, Equatable {
    let change: Change
    /// Whether it depends on the end of another process.
    let asksForOwner: Bool

    /// - Parameters:
    ///   - key: Where its owner stands.
    ///   - owner: Whose the role is now; nil if nobody's.
    init(at key: StoreKey, from owner: [UInt8]?, by me: ProcessID) {
        let mine = Array(me.rawValue.utf8)
        let takes = Effect.put(key, mine)
        switch owner {
        case nil:
            self.change = Change(if: [.absent(key)], [takes])
            self.asksForOwner = false
        case mine?:
            // An earlier incarnation of the service in this process had it.
            self.change = Change(if: [.equals(key, mine)], [takes])
            self.asksForOwner = false
        case let owner?:
            let process = ProcessID(rawValue: String(decoding: owner, as: UTF8.self))
            self.change = Change(if: [.equals(key, owner), .departed(process)], [takes])
            self.asksForOwner = true
        }
    }
}
