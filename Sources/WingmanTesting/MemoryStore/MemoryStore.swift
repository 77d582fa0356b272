public import Supervision
internal import Synchronization
public import Wingman

/// A store in memory, for tests: of programs that use Wingman, and of Wingman's other stores, which it is compared with.
///
/// It keeps every promise of ``Wingman/Store`` but one: what it holds ends with the process. One lock guards one value
/// (``MemoryState``), each call is one method of that value. It is written to be obviously right, not fast.
///
/// ```swift
/// let store = MemoryStore()
/// let client = Client(store: store)
/// try await client.push(Thumbnail(imageID: 7, size: 64), in: .seconds(3_600))
/// store.advance(by: .seconds(3_600))
/// #expect(try await store.due(in: .schedule, limit: 10).entries.count == 1)
/// ```
///
/// Time runs as the machine's does, and can be put forward by ``advance(by:)``. With ``init(standingAt:)`` it stands still
/// until then. With a manual ``Supervision/Timekeeper`` it follows that one.
///
/// The store can be used without being opened, and be looked at after it was closed: a test asks what a server left.
public final class MemoryStore: Store {
    /// `memory:`.
    public let location = "memory:"

    let memory: Memory
    let time: any Timekeeper
    /// Which waits of the memory are ours.
    let connection: Int

    /// An empty store.
    ///
    /// - Parameter time: What the store's clock follows and its waits are timed by.
    public init(time: any Timekeeper = TimerThread.shared) {
        self.memory = Memory(clock: MemoryClock(following: time))
        self.time = time
        self.connection = self.memory.connect()
    }

    /// An empty store whose clock stands until it is put forward.
    ///
    /// - Parameter start: What it shows, in seconds since 1970.
    public init(standingAt start: Int) {
        self.memory = Memory(clock: MemoryClock(standingAt: start))
        self.time = TimerThread.shared
        self.connection = self.memory.connect()
    }

    private init(sharing other: MemoryStore) {
        self.memory = other.memory
        self.time = other.time
        self.connection = other.memory.connect()
    }

    /// A second store on the same jobs, as another process would open it.
    public func another() -> MemoryStore { MemoryStore(sharing: self) }

    /// Puts the store's clock forward, or back by a negative duration. Timers of tasks do not move with it.
    public func advance(by duration: Duration) {
        self.memory.advance(by: duration)
    }

    /// The store's clock, in seconds since 1970.
    public var now: Double { self.memory.read { $0.seconds } }

    /// Forgets everything, but keeps its time.
    public func removeAll() {
        self.memory.change { $0 = MemoryState(now: $0.now) }
    }

    /// Does nothing: there is nothing to connect to.
    public func open() async throws {}

    /// Ends this store's waits with an error. Everything else is still answered.
    public func close() async {
        self.memory.disconnect(self.connection)
    }
}
