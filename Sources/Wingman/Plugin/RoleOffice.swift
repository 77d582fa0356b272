import Logging
import Supervision

/// Who holds the office of one role, told to the tree: a service declared ``StartMoment/leader`` runs while this process
/// does.
///
/// The store grants the office for ``term``, by its own clock; it is renewed after a third of that. A quiet process asks
/// for no more of it, so that another one takes over when the service here has had time to stop; it is given up at once
/// when the service has ended.
struct RoleOffice: Supervision.Leadership {
    /// How long the office is granted for: a dead leader is followed after this and a third of it at most.
    static let term = Duration.seconds(15)
    /// How often is looked whether the process has gone quiet or lost its lease. Costs no call of the store.
    static let look = Duration.seconds(1)

    let role: String
    let store: any Store
    let life: ProcessLife
    let time: any Timekeeper
    let logger: Logger

    /// The state now and each change.
    func changes() -> AsyncStream<LeadershipState> {
        let (states, continuation) = AsyncStream.makeStream(of: LeadershipState.self)
        // Unstructured: it ends with the stream's reader, and runs off the pool like all that decides who may run.
        let task = Task(executorPreference: self.time.executor) {
            await self.hold { state in continuation.yield(state) }
        }
        continuation.onTermination = { _ in task.cancel() }
        return states
    }

    /// Holds the office for as long as the task is not cancelled, then gives it up.
    private func hold(_ tell: @Sendable (LeadershipState) -> Void) async {
        var office = OfficeTerm()
        var outage = Outage(what: "hold the office of \(self.role)", logger: self.logger)
        while await self.life.registered() != nil, !Task.isCancelled {
            var pause = Self.look
            if !self.life.isQuiet, let process = self.life.holder?.process,
                office.isRenewalDue(for: process, at: self.time.now)
            {
                do {
                    try await self.renew(&office, for: process)
                    outage.end(at: self.time.now)
                } catch {
                    pause = min(pause, outage.failed(error, at: self.time.now))
                }
            }
            let now = self.time.now
            tell(office.state(for: self.life.isQuiet ? nil : self.life.holder?.process, at: now))
            try? await self.time.sleep(for: min(pause, office.left(at: now) ?? pause))
        }
        await self.resign(office)
    }

    private func renew(_ office: inout OfficeTerm, for process: ProcessID) async throws {
        let began = self.time.now
        let term = try await self.store.lead(self.role, process: process, for: Self.term)
        // Counted from before the request: the store cannot have granted it earlier.
        office = OfficeTerm(
            process: process,
            number: term.flatMap { UInt64(exactly: $0) },
            until: began + Self.term,
            askAgain: began + Self.term / 3
        )
    }

    /// Another process takes over at once.
    private func resign(_ office: OfficeTerm) async {
        guard let process = office.process, office.number != nil else { return }
        let store = self.store
        let role = self.role
        // In a task of its own, which is not cancelled.
        _ = await Task(executorPreference: self.time.executor) { try? await store.resign(role, process: process) }.value
    }
}

/// What this process knows of an office. A value: it asks nobody.
struct OfficeTerm {
    /// Who asked.
    var process: ProcessID?
    /// The number of the time in office; nil if another process has it.
    var number: UInt64?
    /// When it ends if it is not renewed, on this process's clock.
    var until = Duration.zero
    /// When to ask again.
    var askAgain = Duration.zero

    /// Whether the store is to be asked, by an incarnation of this process.
    func isRenewalDue(for process: ProcessID, at now: Duration) -> Bool {
        self.process != process || now >= self.askAgain
    }

    /// Whether `process`, the incarnation that holds a lease now, is in office.
    func state(for process: ProcessID?, at now: Duration) -> LeadershipState {
        guard let number, let process, process == self.process, now < self.until else { return .follower }
        return .leader(term: number)
    }

    /// How long the office still lasts; nil where there is none.
    func left(at now: Duration) -> Duration? {
        self.number != nil && now < self.until ? self.until - now : nil
    }
}
