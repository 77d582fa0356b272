internal import Synchronization
internal import Wingman

/// The lock, the clock, the state, and who waits for it to change.
final class Memory: Sendable {
    private struct Guarded {
        var clock: MemoryClock
        var state: MemoryState
        var waits = MemoryWaits()
    }

    private let guarded: Mutex<Guarded>

    init(clock: MemoryClock) {
        self.guarded = Mutex(Guarded(clock: clock, state: MemoryState(now: clock.now)))
    }

    /// Looks at the state as of now.
    func read<Result: Sendable>(_ body: @Sendable (MemoryState) throws -> Result) rethrows -> Result {
        try self.change { try body($0) }
    }

    /// Makes one change as of now, and wakes those for whom there is something now. A `body` that throws has changed
    /// nothing.
    @discardableResult
    func change<Result: Sendable>(_ body: @Sendable (inout MemoryState) throws -> Result) rethrows -> Result {
        let (result, woken) = try self.guarded.withLock { guarded in
            guarded.state.arrive(at: guarded.clock.now)
            let result = try body(&guarded.state)
            return (result, guarded.waits.takeReady(&guarded.state))
        }
        for wake in woken { wake() }
        return result
    }

    func advance(by duration: Duration) {
        self.guarded.withLock { $0.clock.advance(by: duration) }
        self.change { _ in }
    }

    func connect() -> Int {
        self.guarded.withLock { $0.waits.connect() }
    }

    func disconnect(_ connection: Int) {
        for wake in self.guarded.withLock({ $0.waits.disconnect(connection) }) { wake() }
    }

    /// A number for a wait to come, by which ``giveUp(_:isCancelled:)`` ends it.
    func nextNumber() -> Int {
        self.guarded.withLock { $0.waits.nextNumber() }
    }

    /// Adds a wait, or answers it at once.
    func enter(_ wait: MemoryWaits.Wait, number: Int) {
        self.guarded.withLock { $0.waits.enter(wait, number: number) }
        self.change { _ in }
    }

    /// Ends a wait whose time is up.
    func giveUp(_ number: Int, isCancelled: Bool) {
        let wake = self.guarded.withLock { $0.waits.giveUp(number, isCancelled: isCancelled) }
        wake?()
    }

    func stopWaiting(_ process: ProcessID, on connection: Int) {
        self.guarded.withLock { $0.waits.stop(process, on: connection) }
        self.change { _ in }
    }
}
