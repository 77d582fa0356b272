import Synchronization
import Wingman
import WingmanTesting

/// The program that the README's examples test.
struct Shop {
    let client: Client

    func sell(item: Int, to address: String) async throws {
        try await self.client.push(Receipt(item: item, address: address))
        try await self.client.push(Reminder(item: item), in: .seconds(86_400))
    }
}

struct Receipt: Job, Equatable {
    var item: Int
    var address: String

    func perform(_ context: JobContext) async throws {
        let outbox: Outbox = try context.value()
        try outbox.send(to: self.address)
    }
}

struct Reminder: Job {
    static let options = JobOptions(queue: "low")
    var item: Int

    func perform(_ context: JobContext) async throws {
        try await context.client.push(Receipt(item: self.item, address: "reminder@example.org"))
    }
}

struct OutboxFull: Error {}

/// Takes notes instead of sending.
final class Outbox: Sendable {
    private let state: Mutex<(sent: [String], failures: Int)>

    init(failing failures: Int = 0) {
        self.state = Mutex(([], failures))
    }

    var sent: [String] { self.state.withLock { $0.sent } }

    func send(to address: String) throws {
        try self.state.withLock { state in
            state.failures -= 1
            guard state.failures < 0 else { throw OutboxFull() }
            state.sent.append(address)
        }
    }
}

/// A fixture as in the documentation of `StoreFixture`.
struct SampleFixture: StoreFixture {
    private let store = MemoryStore(standingAt: 1_800_000_000)

    func open() async throws -> any Store { self.store.another() }
    func reset() async throws { self.store.removeAll() }
    func advance(by duration: Duration) async throws { self.store.advance(by: duration) }
}
