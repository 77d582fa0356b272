internal import HiredisNIO
internal import Synchronization
internal import Wingman

/// Waits for jobs by blocked BLMOVEs into the process's landing lists, one dedicated connection for each source.
///
/// What it takes care of: a BLMOVE is only sent under a lease that the store has just confirmed, and lasts a third of it
/// at most; its landing list is on record before; where a process stops, or gets too busy to claim, blocked calls end
/// and what they brought goes back. If we die while a call is blocked: what it still brings is found by the rescuer, in
/// the landing list of a dead process or of a grave.
final class LandingWaits: Sendable {
    /// Whom to wake, and by what.
    typealias Waiter = CheckedContinuation<Result<Bool, StoreError>, Never>

    /// Paused queues cannot be blocked on, so a wait for nothing else ends sooner, to notice when they are resumed.
    private static let pausedTimeout = Duration.seconds(1)
    /// Until a beat has told more: a third of the default lease.
    private static let firstLease = Duration.seconds(15)

    struct Guarded {
        var waits = WaitState<Waiter>()
        var lease = LandingWaits.firstLease
        /// Connections that block now, and those that are ready to.
        var busy: [WaitKey: RedisConnection] = [:]
        var ready: [RedisConnection] = []
        /// Blocks that are being ended: their failure is no news.
        var cutting: Set<WaitKey> = []
        /// Connections that wait for an element of a plain list.
        var receiving: Set<ObjectIdentifier> = []
        /// Who wants to know when a block has ended.
        var watchers: [WaitKey: [CheckedContinuation<Void, Never>]] = [:]
    }

    let client: RedisClient
    let scripts: ScriptLibrary
    let guarded = Mutex(Guarded())

    init(client: RedisClient, scripts: ScriptLibrary) {
        self.client = client
        self.scripts = scripts
    }

    /// A blocked call lasts a third of this at most.
    func learn(lease: Duration) {
        self.guarded.withLock { $0.lease = lease }
    }

    func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws(StoreError) -> Bool {
        let time = self.guarded.withLock { min(timeout, $0.lease / 3) }
        let free: [Source]
        switch self.guarded.withLock({ $0.waits.begin(process, sources) }) {
        case .over(let answer): return answer
        case .block(let sources): free = sources
        }
        let keys = free.map { WaitKey(process: process, source: $0) }
        let plan: Plan
        do throws(StoreError) {
            plan = try await self.prepare(process, keys)
        } catch {
            for key in keys { self.end(key, .failure(error)) }
            throw error
        }
        guard plan.mayBlock else {
            for key in keys { self.end(key, .success(false)) }
            return true
        }
        let number = self.guarded.withLock { $0.waits.nextNumber() }
        let outcome = await withTaskCancellationHandler {
            await self.untilWoken(sources, process, plan, time, number)
        } onCancel: {
            self.guarded.withLock { $0.waits.leave(number) }?.resume(returning: .success(false))
        }
        // Whoever does not want to know any more will not claim what lands.
        if Task.isCancelled { self.endStanding(of: process) }
        return try outcome.get()
    }

    /// Ends the waits of a process and puts back what landed.
    func stop(_ process: ProcessID) async throws(StoreError) {
        let (woken, blocked) = self.guarded.withLock { $0.waits.stop(process) }
        for waiter in woken { waiter.resume(returning: .success(false)) }
        for key in blocked { await self.cut(key) }
        try await self.unland(process, [])
    }

    /// Ends what is blocked without anybody waiting: the process is busy, or waits no more, and others may be idle.
    func endStanding(of process: ProcessID) {
        let (blocked, landed) = self.guarded.withLock { guarded -> ([WaitKey], [Source]) in
            guard !guarded.waits.isQuiet(process) else { return ([], []) }
            return guarded.waits.standing(of: process)
        }
        guard !blocked.isEmpty || !landed.isEmpty else { return }
        // Unstructured: the step whose answer led here has jobs to start, and need not wait for this.
        Task(executorPreference: self.client.executor) {
            var sources = landed
            for key in blocked where await self.cut(key) { sources.append(key.source) }
            if !sources.isEmpty { await self.unlandForSure(process, sources) }
        }
    }

    /// Sends a command that blocks at most for `time`, on a connection of its own. When the task is cancelled it ends as if
    /// that time were over, so that nothing it took is lost.
    func receive(_ command: RedisCommand, for time: Duration) async throws(StoreError) -> RESPValue {
        do throws(RedisError) {
            let connection = try await self.connection()
            let id = ObjectIdentifier(connection)
            self.guarded.withLock { _ = $0.receiving.insert(id) }
            let outcome = await withTaskCancellationHandler {
                do throws(RedisError) {
                    return Result<RESPValue, RedisError>.success(try await connection.sendBlocking(command, for: time))
                } catch {
                    return .failure(error)
                }
            } onCancel: {
                // Unstructured: who cancels does not wait for what this takes.
                Task(executorPreference: self.client.executor) { await self.unblock(connection) }
            }
            self.guarded.withLock { _ = $0.receiving.remove(id) }
            // Not for anybody else, who might be unblocked instead.
            if Task.isCancelled { await connection.close() } else { self.keep([connection]) }
            return try outcome.get()
        } catch {
            throw StoreError(error)
        }
    }

    /// Ends all waits. Their connections are closed by the client.
    func close() async {
        let ready = self.guarded.withLock { guarded in
            defer { guarded.ready = [] }
            return guarded.ready
        }
        for connection in ready { await connection.close() }
    }
}

/// One wait.
extension LandingWaits {
    /// What a wait is going to block on.
    private struct Plan: Sendable {
        /// False if the lease is gone: nothing may be blocked on.
        var mayBlock = false
        var blocks: [(key: WaitKey, connection: RedisConnection)] = []
        var paused: [WaitKey] = []
    }

    /// Connects first, then asks the store for the lease, so that nothing slow comes between its answer and the BLMOVE.
    private func prepare(_ process: ProcessID, _ keys: [WaitKey]) async throws(StoreError) -> Plan {
        var plan = Plan(mayBlock: true)
        guard !keys.isEmpty else { return plan }
        var connections: [RedisConnection] = []
        do throws(RedisError) {
            for _ in keys { connections.append(try await self.connection()) }
            var call = self.scripts.land.call()
            call.append(process.rawValue)
            for key in keys { call.append(key.source.key) }
            var cursor = try await self.client.eval(call).array?[...] ?? []
            plan.mayBlock = cursor.popFirst()?.integer == 1
            for (key, paused) in zip(keys, cursor) where plan.mayBlock {
                guard paused.integer == 0, let connection = connections.popLast() else {
                    plan.paused.append(key)
                    continue
                }
                plan.blocks.append((key, connection))
            }
        } catch {
            self.keep(connections)
            throw StoreError(error)
        }
        self.keep(connections)
        return plan
    }

    private func untilWoken(
        _ sources: [Source],
        _ process: ProcessID,
        _ plan: Plan,
        _ time: Duration,
        _ number: Int
    ) async -> Result<Bool, StoreError> {
        await withCheckedContinuation { waiter in
            // Entered before anything is blocked on, so that no end of a block is missed.
            let answer = self.guarded.withLock { guarded -> Bool? in
                // Looked at under the lock: a cancellation from here on finds the waiter.
                Task.isCancelled ? false : guarded.waits.enter(waiter, process, sources, number: number)
            }
            for block in plan.blocks { self.start(block.key, block.connection, time, bell: nil) }
            for key in plan.paused {
                // Nothing lands in a bell: a timer that is ended like any other block.
                self.start(key, nil, min(time, Self.pausedTimeout), bell: "wingman:bell:\(process)")
            }
            if let answer { waiter.resume(returning: .success(answer)) }
        }
    }

    private func start(_ key: WaitKey, _ connection: RedisConnection?, _ time: Duration, bell: String?) {
        let seconds = max(0.01, time / .seconds(1))  // zero would block for ever
        var command = RedisCommand(bell == nil ? "BLMOVE" : "BLPOP", bell ?? key.source.key)
        if bell == nil {
            command.append("wingman:landing:\(key.process):\(key.source.key)")
            command.append("RIGHT")
            command.append("LEFT")
        }
        command.append(seconds)
        let blocking = command
        // Unstructured: it may outlive its wait. It ends by itself after `time`, or with its connection.
        Task(executorPreference: self.client.executor) {
            await self.block(key, connection, blocking, for: time)
        }
    }

    private func block(_ key: WaitKey, _ ready: RedisConnection?, _ command: RedisCommand, for time: Duration) async {
        do throws(RedisError) {
            let connection: RedisConnection
            if let ready { connection = ready } else { connection = try await self.connection() }
            let mayBlock = self.guarded.withLock { guarded in
                // From here on a stop finds the connection and ends it; before, it prevents the block.
                guarded.busy[key] = connection
                return guarded.waits.mayBlock(key)
            }
            guard mayBlock else { return self.end(key, .success(false), connection) }
            let reply = try await connection.sendBlocking(command, for: time)
            self.end(key, .success(!reply.isNull), connection)
        } catch {
            // The server may have moved a job before the connection was lost.
            self.end(key, .failure(StoreError(error)), mayHaveLanded: true)
        }
    }

    /// A block ended, or was not begun. Its connection can be used again, but not if somebody cuts it just now: it may
    /// be killed yet, under whoever uses it next.
    private func end(
        _ key: WaitKey,
        _ outcome: Result<Bool, StoreError>,
        _ connection: RedisConnection? = nil,
        mayHaveLanded: Bool = false
    ) {
        let landed = (try? outcome.get()) ?? mayHaveLanded
        let (woken, watchers, wasCut) = self.guarded.withLock { guarded in
            guarded.busy[key] = nil
            let watchers = guarded.watchers.removeValue(forKey: key) ?? []
            let wasCut = guarded.cutting.remove(key) != nil
            if let connection, connection.isOpen, !wasCut { guarded.ready.append(connection) }
            return (guarded.waits.ended(key, landed: landed), watchers, wasCut)
        }
        for waiter in woken { waiter.resume(returning: wasCut ? .success(landed) : outcome) }
        for watcher in watchers { watcher.resume() }
    }
}
