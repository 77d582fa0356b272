import Wingman
import WingmanTesting

/// Stores in memory, on a clock that stands.
struct MemoryFixture: StoreFixture {
    private let store = MemoryStore(standingAt: 1_800_000_000)

    func open() async throws -> any Store {
        let store = self.store.another()
        try await store.open()
        return store
    }

    func reset() async throws { self.store.removeAll() }

    func advance(by duration: Duration) async throws { self.store.advance(by: duration) }
}
