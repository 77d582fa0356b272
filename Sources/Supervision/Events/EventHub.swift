import DequeModule
import Synchronization

/// Hands each event to every subscriber. Publishing never waits: a subscriber that is slow loses the oldest events of its
/// own buffer, which are counted.
final class EventHub: Sendable {
    private struct State: Sendable {
        var subscribers: [UInt64: EventBuffer] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())

    func publish(_ event: SupervisionEvent) {
        let subscribers = self.state.withLock { Array($0.subscribers.values) }
        for subscriber in subscribers { subscriber.push(event) }
    }

    func subscribe(capacity: Int) -> EventSubscription {
        let buffer = EventBuffer(capacity: max(1, capacity))
        let id = self.state.withLock { state in
            state.lastID += 1
            state.subscribers[state.lastID] = buffer
            return state.lastID
        }
        return EventSubscription(buffer: buffer) { [weak self] in
            self?.state.withLock { $0.subscribers[id] = nil }
        }
    }
}

/// The events that one subscriber has not read yet.
final class EventBuffer: Sendable {
    private struct State: Sendable {
        var events = Deque<SupervisionEvent>()
        var waiting: CheckedContinuation<SupervisionEvent?, Never>?
        var dropped = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    var dropped: Int { self.state.withLock { $0.dropped } }

    func push(_ event: SupervisionEvent) {
        let waiting: CheckedContinuation<SupervisionEvent?, Never>? = self.state.withLock { state in
            if state.isClosed { return nil }
            if let waiting = state.waiting {
                state.waiting = nil
                return waiting
            }
            if state.events.count == self.capacity {
                state.events.removeFirst()
                state.dropped += 1
            }
            state.events.append(event)
            return nil
        }
        waiting?.resume(returning: event)
    }

    /// The next event; nil when the task is cancelled or the buffer closed.
    func next() async -> SupervisionEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: SupervisionEvent?? = self.state.withLock { state in
                    if let event = state.events.popFirst() { return .some(event) }
                    if state.isClosed { return .some(nil) }
                    state.waiting = continuation
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            self.close()
        }
    }

    /// All that is buffered, which is then gone.
    func takeAll() -> Deque<SupervisionEvent> {
        self.state.withLock { state in
            defer { state.events = [] }
            return state.events
        }
    }

    func close() {
        let waiting = self.state.withLock { state in
            state.isClosed = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }
}

/// The events of a tree since the subscription, for one reader. Cancelling the reading task ends it.
///
/// ```swift
/// for await event in root.events() { print(event) }
/// ```
public final class EventSubscription: AsyncSequence, AsyncIteratorProtocol, Sendable {
    /// What it gives.
    public typealias Element = SupervisionEvent

    private let buffer: EventBuffer
    private let onEnd: @Sendable () -> Void

    init(buffer: EventBuffer, onEnd: @escaping @Sendable () -> Void) {
        self.buffer = buffer
        self.onEnd = onEnd
    }

    deinit {
        self.cancel()
    }

    /// How many events were dropped because nobody read them in time.
    public var dropped: Int { self.buffer.dropped }

    /// Ends the subscription; a reader that waits gets nil.
    public func cancel() {
        self.buffer.close()
        self.onEnd()
    }

    /// Takes the events that have come and were not read, without waiting.
    public func takeBuffered() -> [SupervisionEvent] {
        self.buffer.takeAll().map(\.self)
    }

    /// Itself: there is one reader.
    public func makeAsyncIterator() -> EventSubscription { self }

    /// The next event, or nil at the end.
    public func next() async -> SupervisionEvent? {
        await self.buffer.next()
    }
}
