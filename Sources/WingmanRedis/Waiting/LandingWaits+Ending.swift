internal import HiredisNIO
internal import Synchronization
internal import Wingman

/// Ending and connecting.
extension LandingWaits {
    /// Between two tries to put back what landed.
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(1)

    /// Ends one blocked call and waits until it has ended.
    ///
    /// - Returns: Whether it may have brought a job.
    @discardableResult
    func cut(_ key: WaitKey) async -> Bool {
        let (busy, isFirst) = self.guarded.withLock { guarded in
            (guarded.busy[key], guarded.busy[key] != nil && guarded.cutting.insert(key).inserted)
        }
        guard let connection = busy, isFirst else {
            // Ended, or cut by somebody else.
            if busy != nil { await self.untilEnded(key) }
            return true
        }
        // A connection that is gone had a number that may be somebody else's by now: a server counts anew from its start.
        guard connection.isOpen else {
            await self.untilEnded(key)
            return true
        }
        if (try? await self.client.unblock(connection)) == true {
            await self.untilEnded(key)
            self.keep([connection])
            return false
        }
        // Not blocked: it has just ended, or not begun. Killed by the server, it will not begin any more; closing it on
        // this side alone would leave that open. Where the user may not kill, closing has to do.
        if connection.isOpen, let id = connection.clientID {
            _ = try? await self.client.send("CLIENT", "KILL", "ID", String(id))
        }
        await connection.close()
        await self.untilEnded(key)
        return true
    }

    /// Ends a blocked command that brings an element, until it has: it may not have come to the server yet.
    func unblock(_ connection: RedisConnection) async {
        let id = ObjectIdentifier(connection)
        while connection.isOpen, self.guarded.withLock({ $0.receiving.contains(id) }) {
            if (try? await self.client.unblock(connection)) == true { return }
            await self.client.pause(for: Self.firstPause)
        }
    }

    private func untilEnded(_ key: WaitKey) async {
        await withCheckedContinuation { (watcher: CheckedContinuation<Void, Never>) in
            let isOver = self.guarded.withLock { guarded in
                guard guarded.busy[key] != nil else { return true }
                guarded.watchers[key, default: []].append(watcher)
                return false
            }
            if isOver { watcher.resume() }
        }
    }

    /// Tries until it has worked: a busy process makes no step that would look there, and while its lease lives no rescuer
    /// does. A stop puts all back by itself, and so does a rescue after a fence.
    func unlandForSure(_ process: ProcessID, _ sources: [Source]) async {
        var pause = Self.firstPause
        while self.guarded.withLock({ $0.waits.isWaiting(process) }) {
            do {
                return try await self.unland(process, sources)
            } catch {
                guard error.code == .unavailable else { return }
                await self.client.pause(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    func unland(_ process: ProcessID, _ sources: [Source]) async throws(StoreError) {
        var call = self.scripts.unland.call()
        call.append(process.rawValue)
        for source in sources { call.append(source.key) }
        do throws(RedisError) {
            try await self.client.eval(call)
        } catch {
            throw StoreError(error)
        }
    }

    func connection() async throws(RedisError) -> RedisConnection {
        while let ready = self.guarded.withLock({ $0.ready.popLast() }) {
            if ready.isOpen { return ready }
        }
        return try await self.client.dedicatedConnection(name: "wingman-wait")
    }

    func keep(_ connections: [RedisConnection]) {
        self.guarded.withLock { $0.ready += connections.filter(\.isOpen) }
    }
}
