import Supervision
import TestSupport

@testable import Wingman

/// A store with one list of messages, and a process that has a lease on it.
struct InboxFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let life = ProcessLife()
    let queue: QueueScript

    init(_ messages: [String]) {
        let queue = QueueScript(messages)
        self.queue = queue
        self.store.with { $0.onStep = { queue.reply(to: $0) } }
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(1_000_000))
    }

    var environment: ServiceEnvironment {
        ServiceEnvironment.sample(self.store, life: self.life, time: self.time)
    }

    /// The same, with a guard that lets suspects run alone.
    var guarded: ServiceEnvironment {
        var environment = self.environment
        environment.suspects = SuspectGuard(
            store: self.store,
            life: self.life,
            time: self.time,
            executor: self.time.executor,
            logger: quietLogger
        )
        return environment
    }

    func inbox() throws -> Inbox { try self.environment.inbox(list: "requests") }

    /// The numbers of the steps made so far, and how many each claimed and settled.
    var steps: [Step] { self.store.with { $0.steps } }

    /// Lets the owner of an inbox run until it returns.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (Inbox) async throws -> Value
    ) -> Task<Value, any Error> {
        let environment = self.environment
        return Task(executorPreference: self.time.executor) { try await body(environment.inbox(list: "requests")) }
    }
}

/// What a plugin does with an inbox.
struct ReadingService: Wingman.Service {
    let environment: ServiceEnvironment

    func run() async throws {
        let inbox = try self.environment.inbox(list: "requests")
        while let message = try await inbox.receive() { try await inbox.settle(message, .done) }
        await inbox.close()
        await untilStopped()
    }
}
