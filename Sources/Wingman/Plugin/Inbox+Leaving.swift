import Logging
import Supervision

/// How an inbox gives back what it holds.
extension Inbox {
    /// For the store's answer when it is time to leave: one that is there answers sooner.
    private static let lastAnswerLimit = Duration.seconds(1)

    /// Waits for `step`, which nobody else does any more, and puts back what it brings.
    func givingBack(_ step: Task<(Lane, Lane.Result), Never>) -> Task<(Lane, Lane.Result), Never> {
        let sources = self.sources
        // Unstructured: whoever made the claim does not wait for it. It ends with the store's answer or with the process.
        return Task(executorPreference: self.time.executor) {
            var (lane, result) = await step.value
            if case .done(_, let claimed, _) = result, !claimed.isEmpty {
                let settlements = claimed.reversed().map {
                    Wingman.Settlement(token: $0.token, disposition: .giveBack, tally: .none)
                }
                result = await lane.step(settling: settlements, claim: 0, from: sources)
            }
            return (lane, result)
        }
    }

    /// Gives everything back. A store that is away is waited for as long as the service may take for its stop, but not at all
    /// if nothing is known to be held.
    func returnAll() async -> Bool {
        let (time, bell) = (self.time, self.waker.bell)
        let isPatient = !self.ledger.isEmpty
        guard let handBack = self.handBack() else {
            self.forgetAll()
            // Fenced: it is on its way back, in others' hands.
            return self.incarnation == self.life.candidate
        }
        let errand = Errand<Bool>.begin(on: time.executor, ringing: bell) { await handBack.run() }
        self.forgetAll()
        while errand.result == nil, isPatient, !Task.isCancelled { await bell.sleep(for: nil, on: time) }
        if errand.result == nil { await self.wait(for: errand, atMost: Self.lastAnswerLimit) }
        self.tellHolder()
        return errand.result ?? false
    }

    /// Also when the task is cancelled.
    private func wait(for errand: Errand<Bool>, atMost limit: Duration) async {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        let time = self.time
        // Unstructured, and asleep on time's own thread: the caller may be cancelled by now.
        let waiter = Task(executorPreference: time.executor) {
            let timer = time.schedule(after: limit) { continuation.finish() }
            defer { timer.cancel() }
            // Unstructured: it may outlast the limit.
            let watcher = Task(executorPreference: time.executor) {
                await errand.end()
                continuation.finish()
            }
            for await _ in ends {}
            watcher.cancel()
        }
        await waiter.value
    }

    /// What has to be done before this inbox may be forgotten; nil is nothing.
    func handBack() -> HandBack? {
        self.ledger.giveBackAll()
        guard self.incarnation == self.life.candidate else { return nil }
        let endsWait = self.life.isQuiet && self.hasWaited
        guard self.unanswered != nil || !self.ledger.isEmpty || endsWait else { return nil }
        return HandBack(
            incarnation: self.incarnation,
            endsWait: endsWait,
            lane: self.lane,
            unanswered: self.unanswered,
            ledger: self.ledger,
            sources: self.sources,
            store: self.store,
            life: self.life,
            time: self.time,
            logger: self.logger
        )
    }

    /// It is somebody else's affair from here on.
    private func forgetAll() {
        self.wait?.errand.cancel()
        self.wait = nil
        self.unanswered = nil
        self.lane = nil
        self.ledger.forgetAll()
    }
}

/// The last thing an inbox does: it settles what was settled, and gives back the rest. Ends when that is done, or with the
/// incarnation.
struct HandBack: Sendable {
    private static let pause = Duration.seconds(1)

    let incarnation: Incarnation
    /// Whether something may land yet. The process is quiet: nothing waits any more.
    let endsWait: Bool
    var lane: Lane?
    let unanswered: Task<(Lane, Lane.Result), Never>?
    var ledger: InboxLedger
    let sources: [Source]
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger

    /// - Returns: Whether everything is where it belongs.
    func run() async -> Bool {
        var lane = self.lane
        var ledger = self.ledger
        if let unanswered {
            let (after, result) = await unanswered.value
            // Fenced: whatever it was, others have it.
            guard case .done = result else { return false }
            lane = after
        }
        if self.endsWait { guard await self.stopWaiting() else { return false } }
        guard var lane else { return ledger.isEmpty }
        while !ledger.isEmpty {
            let batch = ledger.batch(at: self.time.now)
            if batch.isEmpty {
                try? await self.time.sleep(for: Self.pause)
                continue
            }
            let result = await lane.step(settling: batch.settlements, claim: 0, from: self.sources)
            guard case .done(let answers, _, _) = result else { return false }
            let findings = ledger.answered(answers, to: batch.ids, at: self.time.now)
            findings.report(to: self.logger)
            ledger.giveBackRefused()
        }
        return true
    }

    /// What landed is newer than what goes back, and has to be there first.
    ///
    /// - Returns: False if the incarnation has ended.
    private func stopWaiting() async -> Bool {
        var outage = Outage(what: "end waits for messages", logger: self.logger)
        while self.life.candidate == self.incarnation, !self.life.hasEnded {
            do {
                try await self.store.stopWaiting(process: self.incarnation.process)
                outage.end(at: self.time.now)
                return true
            } catch {
                try? await self.time.sleep(for: outage.failed(error, at: self.time.now))
            }
        }
        return false
    }
}
