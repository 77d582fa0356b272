import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("The manager's shell", .timeLimit(.minutes(1)))
struct ManagerTests {
    private let time = ManualTime()
    private let life = ProcessLife()

    private func manager(_ concurrency: Int) -> Manager {
        self.life.confirmCandidate(at: self.time.now)
        let manager = Manager(concurrency: concurrency, time: self.time, life: self.life)
        manager.update { $0.began(epoch: 1) }
        return manager
    }

    private func claim(_ tokens: ClosedRange<Int>, _ manager: Manager) async {
        guard case .step(_, let asked, _) = await manager.plan() else {
            Issue.record("no step is planned")
            return
        }
        _ = manager.update { state in
            state.answered(
                [],
                to: [],
                claimed: tokens.map {
                    Claimed(token: Token(rawValue: "\($0)"), source: .queue("default"), payload: [])
                },
                asked: asked,
                leaseExpired: false,
                nanoseconds: 1
            )
        }
    }

    @Test("Every waiting processor gets one job, and each job goes to one processor")
    func handsOut() async {
        let manager = self.manager(8)
        let run = manager.update { $0.begin(isQuiet: false) }
        let got = Notes<String>()
        await withDiscardingTaskGroup { group in
            for slot in 0..<8 {
                group.addTask {
                    if let work = await manager.next(slot: slot, run: run) { got.add(work.claimed.token.rawValue) }
                }
            }
            await self.claim(1...8, manager)
        }
        #expect(Set(got.all).count == 8)
    }

    @Test("A stop sends the waiting processors home, and those of an earlier run, too")
    func sendsHome() async {
        let manager = self.manager(4)
        let run = manager.update { $0.begin(isQuiet: false) }
        await withDiscardingTaskGroup { group in
            for slot in 0..<4 {
                group.addTask { #expect(await manager.next(slot: slot, run: run) == nil) }
            }
            manager.update { $0.quiet(stopping: true) }
        }
        let second = manager.update { $0.begin(isQuiet: false) }
        #expect(await manager.next(slot: 0, run: run) == nil)
        await self.claim(1...4, manager)
        #expect(await manager.next(slot: 0, run: second) != nil)
    }

    @Test("Cancelling a job cancels the task of its slot, and no other")
    func cancelsOne() async throws {
        let manager = self.manager(2)
        let run = manager.update { $0.begin(isQuiet: false) }
        await self.claim(1...2, manager)
        let started = Counter64()
        let cancelled = Notes<Int>()
        let ended = Counter64()
        for slot in 0..<2 {
            manager.start(slot: slot, run: run) { [time] in
                guard await manager.next(slot: slot, run: run) != nil else { return }
                started.add()
                if (try? await time.sleep(for: .seconds(60))) == nil { cancelled.add(slot) }
                ended.add()
            }
        }
        await started.reach(2)
        // A sleep that begins after the clock has moved would not end.
        try await eventually("both to sleep") { self.time.pendingTimers == 2 }
        guard let (slot, running) = manager.snapshot().first else {
            Issue.record("nothing runs")
            return
        }
        let other = Token(rawValue: "9")
        manager.cancel(slot: slot, token: other, reason: .timeout)
        manager.cancel(slot: slot, token: running.work.claimed.token, reason: .timeout)
        await ended.reach(1)
        #expect(cancelled.all == [slot])
        #expect(manager.cancelReason(of: slot, token: running.work.claimed.token) == .timeout)
        await self.time.advance(by: .seconds(60))
        await ended.reach(2)
        #expect(cancelled.all == [slot])
    }

    @Test("The fetcher rests until there is something to do, and the waiter until a signal is wanted")
    func rests() async {
        let manager = self.manager(1)
        let run = manager.update { $0.begin(isQuiet: false) }
        guard case .step = await manager.plan() else {
            Issue.record("no step is planned")
            return
        }
        manager.update {
            _ = $0.answered([], to: [], claimed: [], asked: 1, leaseExpired: false, nanoseconds: 1)
        }
        #expect(await manager.untilSignalWanted())
        let planned = Task { await manager.plan() }
        manager.update { $0.signalled() }
        guard case .step(_, 1, _) = await planned.value else {
            Issue.record("no step is planned")
            return
        }
        let waiting = Task { await manager.untilSignalWanted() }
        let idle = Task { await manager.next(slot: 0, run: run) }
        manager.update { $0.quiet(stopping: false) }
        #expect(await waiting.value == false)
        #expect(await idle.value == nil)
    }
}

extension Manager {
    /// Whether the capsule has nothing more to do.
    var isOver: Bool { self.update { $0.isOver } }
}
