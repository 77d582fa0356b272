import Supervision
import TestSupport
import Testing

/// A service that writes down what it is sent, and fails at a message that says so.
private struct Scribe: MessageService {
    let mailbox: Mailbox<String>
    let log: Log

    func handle(_ message: String) async throws {
        if message.hasPrefix("fail") { throw Broken(message) }
        self.log.append(message)
    }
}

@Suite("A mailbox")
struct MailboxTests {
    private static func scribe(_ stage: Stage, _ mailbox: Mailbox<String>) -> SupervisorSpecification {
        let log = stage.log
        return SupervisorSpecification("root", intensity: .unlimited) {
            ChildSpecification("scribe", backoff: .constant(.seconds(1)), executor: stage.time.executor) {
                Scribe(mailbox: mailbox, log: log)
            }
            .receiving(mailbox)
        }
    }

    @Test("hands messages to its service in the order they were sent, by name")
    func order() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.scribe(stage, Mailbox(capacity: 10)))
        for number in 1...5 { try await root.registry.send("\(number)", to: "scribe") }
        await stage.time.settle()
        #expect(stage.log.lines == ["1", "2", "3", "4", "5"])
        await #expect(throws: MailboxError.wrongMessage(expected: "String", found: "Int")) {
            try await root.registry.send(1, to: "scribe")
        }
        await #expect(throws: RegistryError.self) { try await root.registry.send("x", to: "nobody") }
        await stage.stop()
    }

    @Test(
        "keeps its messages through a restart; the one that failed the service goes to the dead letters, counted, as an event"
    )
    func restart() async throws {
        let stage = Stage()
        let dead = Log()
        let mailbox = Mailbox<String>(capacity: 10) { message, reason in dead.append("\(message) \(reason)") }
        let root = try await stage.start(Self.scribe(stage, mailbox))
        for message in ["1", "fail", "2", "3"] { try mailbox.trySend(message) }
        await stage.time.settle()
        #expect(stage.log.lines == ["1"])
        #expect(dead.lines == ["fail failed"])
        #expect(root.tree()["scribe"]?.mailboxDepth == 2)
        await #expect(throws: RegistryError.self) { try await root.registry.send("4", to: "scribe") }
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines == ["1", "2", "3"])
        #expect(mailbox.drops == [.failed: 1])
        let drops = stage.takeEvents().compactMap { if case .dropped(let reason) = $0.kind { reason } else { nil } }
        #expect(drops == [.failed])
        await stage.stop()
    }

    @Test("drops what waits at a restart where it was declared so, and counts it")
    func discard() async throws {
        let stage = Stage()
        let mailbox = Mailbox<String>(capacity: 10, acrossRestart: .discard)
        try await stage.start(Self.scribe(stage, mailbox))
        for message in ["fail", "1", "2"] { try mailbox.trySend(message) }
        await stage.time.settle()
        await stage.time.advance(by: .seconds(1))
        #expect(stage.log.lines == [])
        #expect(mailbox.drops == [.failed: 1, .restart: 2])
        await stage.stop()
    }

    @Test("refuses when it is full, or drops the oldest, as declared", arguments: [true, false])
    func full(refuses: Bool) throws {
        let dead = Log()
        let mailbox = Mailbox<Int>(capacity: 2, whenFull: refuses ? .refuse : .dropOldest) { message, reason in
            dead.append("\(message) \(reason)")
        }
        try mailbox.trySend(1)
        try mailbox.trySend(2)
        if refuses {
            #expect(throws: MailboxError.full) { try mailbox.trySend(3) }
            #expect(dead.lines == [])
        } else {
            try mailbox.trySend(3)
            #expect(dead.lines == ["1 overflow"])
        }
        #expect(mailbox.depth == 2)
    }

    @Test("makes senders wait for room where declared so; they are let in in order, and may give up")
    func suspend() async throws {
        let stage = Stage()
        let mailbox = Mailbox<String>(capacity: 1, whenFull: .suspend)
        try await mailbox.send("1")
        #expect(throws: MailboxError.full) { try mailbox.trySend("x") }
        let executor = stage.time.executor
        let second = Task(executorPreference: executor) { try await mailbox.send("2") }
        let third = Task(executorPreference: executor) { try await mailbox.send("3") }
        let tired = Task(executorPreference: executor) { try await mailbox.send("tired") }
        await stage.time.settle()
        tired.cancel()
        await #expect(throws: CancellationError.self) { try await tired.value }
        try await stage.start(Self.scribe(stage, mailbox))
        try await second.value
        try await third.value
        await stage.time.settle()
        #expect(stage.log.lines == ["1", "2", "3"])
        let late = Task(executorPreference: executor) {
            withUnsafeCurrentTask { $0?.cancel() }
            try await mailbox.send("room, so it is taken")
        }
        try await late.value
        await stage.stop()
    }

    @Test("is closed when its service has ended for good: what waits is dropped and counted, senders are refused")
    func closed() async throws {
        let stage = Stage()
        let mailbox = Mailbox<String>(capacity: 3, whenFull: .suspend)
        let root = try await stage.start(Self.scribe(stage, mailbox))
        try mailbox.trySend("fail")
        await stage.time.settle()
        for message in ["1", "2", "3"] { try mailbox.trySend(message) }
        let waiting = Task(executorPreference: stage.time.executor) { try await mailbox.send("4") }
        await stage.time.settle()
        await stage.act { root.stop() }
        await #expect(throws: MailboxError.closed) { try await waiting.value }
        #expect(throws: MailboxError.closed) { try mailbox.trySend("5") }
        #expect(mailbox.drops == [.failed: 1, .closed: 3])
        #expect(await stage.outcome() == nil)
    }

    @Test("puts a message back, first in line, when its handling is cancelled")
    func cancelledHandling() async throws {
        let stage = Stage()
        let mailbox = Mailbox<String>(capacity: 3)
        let reader = Task(executorPreference: stage.time.executor) {
            try await mailbox.serve { _ in try await Task.never() }
        }
        try mailbox.trySend("1")
        try mailbox.trySend("2")
        await stage.time.settle()
        #expect(mailbox.depth == 1)
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        #expect(mailbox.depth == 2)
        #expect(mailbox.drops == [:])
        try await stage.start(Self.scribe(stage, mailbox))
        #expect(stage.log.lines == ["1", "2"])
        await stage.stop()
    }

    @Test("takes messages from timers: once after a while, or at intervals, never beside another message")
    func timers() async throws {
        let stage = Stage()
        let mailbox = Mailbox<String>(capacity: 3)
        try await stage.start(Self.scribe(stage, mailbox))
        mailbox.send("after", after: .seconds(1), by: stage.time)
        mailbox.send("never", after: .seconds(1), by: stage.time).cancel()
        let every = mailbox.send("every", every: .seconds(10), by: stage.time)
        await stage.time.advance(by: .seconds(25))
        #expect(stage.log.lines == ["after", "every", "every"])
        await stage.time.jump(by: .seconds(100))
        #expect(stage.log.lines.count == 4, "intervals that were missed while the machine was halted are left out")
        every.cancel()
        await stage.time.advance(by: .seconds(100))
        #expect(stage.log.lines.count == 4)
        await stage.stop()
    }
}
