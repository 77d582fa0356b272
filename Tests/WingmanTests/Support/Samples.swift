import Logging
import Supervision
import Synchronization
import TestSupport

@testable import Wingman

/// A logger that says nothing.
let quietLogger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

/// Something went wrong in a job.
struct Breakage: Error, CustomStringConvertible {
    var description: String { "it broke" }
}

/// A job that does nothing.
struct Nothing: Job {
    func perform(_ context: JobContext) async throws {}
}

/// A job that always fails.
struct Failing: Job {
    func perform(_ context: JobContext) async throws { throw Breakage() }
}

/// What was noted, in order.
final class Notes<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    var all: [Element] { self.elements.withLock { $0 } }

    func add(_ element: Element) { self.elements.withLock { $0.append(element) } }
}

/// Counts, and lets a test wait for a count.
final class Counter64: Sendable {
    private struct State {
        var count = 0
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.count } }

    func add() {
        let ready = self.state.withLock { state in
            state.count += 1
            let count = state.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    func reach(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = self.state.withLock { state in
                if state.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

extension JobPayload {
    /// A payload from text.
    init(text: String) throws { try self.init(Array(text.utf8)) }

    /// The payload as text.
    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

extension Array<UInt8> {
    /// The bytes as text.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension ServiceEnvironment {
    /// An environment over `store`.
    static func sample(
        _ store: any Store,
        life: ProcessLife? = nil,
        time: any Timekeeper = ManualTime(),
        values: SharedValues = SharedValues()
    ) -> ServiceEnvironment {
        ServiceEnvironment(
            logger: quietLogger,
            client: Client(store: store),
            services: ServiceDirectory(declared: [], registry: ServiceRegistry(time: time)),
            values: values,
            time: time,
            store: store,
            life: life
        )
    }
}

extension ProcessLife {
    /// Confirms the present candidate for `lease` from `now`.
    @discardableResult
    func confirmCandidate(at now: Duration, lease: Duration = .seconds(15)) -> Wingman.Incarnation {
        let incarnation = self.candidate
        self.confirm(incarnation, until: now + lease)
        return incarnation
    }
}
