import Logging
import Metrics
import Supervision
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What all loops of one incarnation of the orchestrator share.
struct Workshop: Sendable {
    let options: OrchestratorOptions
    let environment: ServiceEnvironment
    let board: LaneBoard
    let metrics: OrchestratorMetrics
    let closing = Closing()
    let roles: RoleKeeper

    init(
        options: OrchestratorOptions,
        environment: ServiceEnvironment,
        board: LaneBoard,
        metrics: OrchestratorMetrics
    ) {
        self.options = options
        self.environment = environment
        self.board = board
        self.metrics = metrics
        self.roles = RoleKeeper(
            environment: environment,
            keys: options.names.keys,
            board: board,
            closing: self.closing
        )
    }

    var names: OrchestratorNames { self.options.names }

    /// Where dead letters of this process say they died.
    var origin: DeadLetter.Origin {
        DeadLetter.Origin(list: self.options.list, process: self.environment.process?.rawValue ?? "")
    }

    /// Puts messages away that no handler was tried with.
    var burial: Burial { Burial(names: self.names, origin: self.origin, limits: self.options.limits) }

    /// Gives a role back, if the process takes no more messages at all: then nothing can come to it any more. One whose
    /// orchestrator is only started again keeps its roles.
    func release(_ role: String) async throws {
        guard self.environment.isQuiet else { return }
        try await self.giveBack(role)
    }

    /// Gives a role back in which nothing is held, and to which nothing can come any more.
    func giveBack(_ role: String) async throws {
        let answer: Void? = try await self.persist("give a role back", unlessClosing: false) {
            try await self.roles.release(role)
        }
        guard answer == nil else { return }
        let roles = self.roles
        // Unstructured: the service's own task is cancelled by now, and nothing could be said to the store. Once is enough:
        // if it is away, others wait for our lease to end.
        _ = await Task(executorPreference: self.environment.time.executor) { try? await roles.release(role) }.value
    }

    /// The processes that share the list; nil if it is closing while the store is away.
    func fleet() async throws -> Fleet? {
        try await self.persist("look for other processes", unlessClosing: true) {
            Fleet(try await self.environment.processes(), of: self.options.list)
        }
    }

    /// An inbox receives nothing more: if that is since the process is quiet, it is so for all.
    func inboxHasEnded() {
        if self.environment.isQuiet { self.closing.close() }
    }

    /// Counts and logs the replies that were left out of settlements, since their lists are something else in the store, or
    /// forbidden to this program. Their messages have ended all the same.
    func noteLostReplies(of inbox: Inbox) {
        for settlement in inbox.takeCurtailed() {
            let parcel = try? Parcel(settlement.message.body)
            let sketch = Envelope.sketch(parcel?.raw ?? settlement.message.body, limits: self.options.limits)
            self.metrics.failedReplies.increment()
            self.environment.logger.warning(
                "a reply cannot be written: its list is something else, or forbidden",
                metadata: [
                    "message.id": "\(parcel?.id ?? sketch.id ?? "none")",
                    "message.client": "\(sketch.client ?? "none")",
                ]
            )
        }
    }

    /// Milliseconds since 1970, by this machine's clock.
    static var now: Int { Int(Date().timeIntervalSince1970 * 1_000) }

    /// Asks the store until it answers.
    ///
    /// - Parameters:
    ///   - what: What is asked, for the log of an absence.
    ///   - endsWithClosing: Whether it gives up when nothing more is to be taken.
    /// - Returns: Nil if it gave up, or the task was cancelled.
    /// - Throws: What `body` throws beside `StoreError`.
    func persist<Answer>(
        _ what: String,
        unlessClosing endsWithClosing: Bool,
        _ body: () async throws -> Answer
    ) async throws -> Answer? {
        var outage = Outage(what: what, logger: self.environment.logger)
        while true {
            do {
                let answer = try await body()
                outage.end(at: self.environment.time.now)
                return answer
            } catch let error as StoreError {
                let delay = outage.failed(error, at: self.environment.time.now)
                try? await self.environment.time.sleep(for: delay)
                if endsWithClosing && self.closing.isClosed || Task.isCancelled { return nil }
            } catch is CancellationError {
                return nil
            }
        }
    }
}
