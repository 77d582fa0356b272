import Logging
import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanScheduler

/// The loop around the plan, on a manual clock and a ledger for a store.
@Suite("The loop of an entry")
struct EntryLoopTests {
    struct Sweep: Wingman.Job {
        static let name = "Sweep"
        func perform(_ context: JobContext) async throws {}
    }

    struct Unmakeable: Error {}

    let time = ManualTime()
    let log = LogRecord()
    let gate = Gate()

    @Test("enqueues each occurrence once, on the grid, whatever the number of processes")
    func once() async throws {
        let ledger = RecurringLedger(time: self.time)
        let loops = (0..<8).map { _ in self.start(Every(.seconds(10)) { Sweep() }, on: ledger) }
        await self.time.advance(by: .seconds(65))
        let pushed = ledger.pushed("Sweep/10s")
        #expect(pushed.count == 6)
        #expect(pushed.allSatisfy { $0 % 10_000 == 0 })
        #expect(zip(pushed, pushed.dropFirst()).allSatisfy { $1 - $0 == 10_000 })
        await self.stop(loops)
    }

    @Test("does not suffer from another entry whose job cannot be made")
    func poison() async throws {
        let ledger = RecurringLedger(time: self.time)
        let loops = [
            self.start(Every(.seconds(1), id: "poison") { () throws -> Sweep in throw Unmakeable() }, on: ledger),
            self.start(Every(.seconds(1)) { Sweep() }, on: ledger),
        ]
        await self.time.advance(by: .seconds(10))
        #expect(ledger.pushed("Sweep/1s").count == 10)
        #expect(ledger.pushed("poison").isEmpty)
        #expect(self.log.messages.contains("scheduled job cannot be made"))
        await self.stop(loops)
    }

    @Test("waits out an absence of the store with few calls and two lines, and makes up for it by one job")
    func outage() async throws {
        let ledger = RecurringLedger(time: self.time)
        let loops = [self.start(Every(.seconds(1)) { Sweep() }, on: ledger)]
        await self.time.advance(by: .seconds(5))
        let before = ledger.pushed("Sweep/1s").count
        #expect(before == 5)

        ledger.setAway(true)
        let calls = ledger.calls
        await self.time.advance(by: .seconds(600))
        #expect(ledger.calls - calls < 60)
        #expect(ledger.pushed("Sweep/1s").count == before)

        ledger.setAway(false)
        await self.time.advance(by: .seconds(31))
        let pushed = ledger.pushed("Sweep/1s").dropFirst(before)
        // One for the ten minutes, then one a second from the moment the loop came back, 30 s after at the latest.
        #expect((1...32).contains(pushed.count))
        let gaps = zip(pushed, pushed.dropFirst()).map { $1 - $0 }
        #expect(gaps.dropFirst().allSatisfy { $0 == 1_000 })
        #expect((gaps.first ?? 0) > 590_000)
        #expect(self.log.messages == ["store unavailable, trying again", "store available again"])
        await self.stop(loops)
    }

    @Test("makes up for a machine that stood still by one job")
    func suspended() async throws {
        let ledger = RecurringLedger(time: self.time)
        let loops = [self.start(Every(.seconds(1)) { Sweep() }, on: ledger)]
        await self.time.advance(by: .milliseconds(3_500))
        #expect(ledger.pushed("Sweep/1s").count == 3)
        await self.time.jump(by: .seconds(3_600))
        #expect(ledger.pushed("Sweep/1s").count == 4)
        await self.stop(loops)
    }

    @Test("enqueues nothing more in a quiet process")
    func quiet() async throws {
        let ledger = RecurringLedger(time: self.time)
        let loops = [self.start(Every(.seconds(1)) { Sweep() }, on: ledger)]
        await self.time.advance(by: .milliseconds(2_500))
        self.gate.close()
        await self.time.advance(by: .seconds(10))
        #expect(ledger.pushed("Sweep/1s").count == 2)
        await self.stop(loops)
    }

    private func start(_ entry: ScheduleEntry, on ledger: RecurringLedger) -> Task<Void, Never> {
        let environment = ServiceEnvironment(
            logger: Logger(label: "test", factory: { _ in self.log.handler }),
            client: Client(store: ledger),
            services: ServiceDirectory(declared: [], registry: ServiceRegistry(time: self.time)),
            values: SharedValues(),
            time: self.time,
            store: ledger,
            life: nil
        )
        let loop = EntryLoop(entry: entry, environment: environment, gate: self.gate, localNow: { ledger.now })
        // Unstructured: it has to prefer the manual clock's executor, and is cancelled by `stop`.
        return Task(executorPreference: self.time.executor) { await loop.run() }
    }

    private func stop(_ loops: [Task<Void, Never>]) async {
        for loop in loops { loop.cancel() }
        for loop in loops { await loop.value }
    }
}

/// Remembers what was logged at `info` and above.
final class LogRecord: Sendable {
    private let lines = Mutex<[String]>([])

    /// The messages, in order.
    var messages: [String] { self.lines.withLock { $0 } }

    /// Writes here.
    var handler: any LogHandler { Handler(record: self) }

    private struct Handler: LogHandler {
        let record: LogRecord
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.record.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
