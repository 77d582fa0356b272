internal import Synchronization

/// The door between callers on any thread and a connection's event loop.
///
/// Callers put requests in; the first of a burst wakes the loop, which takes all of them and writes them at once. Once
/// closed it refuses everything.
final class RequestInbox: Sendable {
    /// What the caller of ``put(_:)`` has to do.
    enum Put {
        /// Wake the event loop.
        case wake
        /// Nothing: the loop has been woken already.
        case queued
        /// The connection is closed; the request was not taken.
        case refused(RedisError)
    }

    private struct State {
        var requests: [Request] = []
        var isWoken = false
        var closed: RedisError?
    }

    private let state = Mutex(State())

    /// Why the connection is closed; nil while it is open.
    var closed: RedisError? { self.state.withLock { $0.closed } }

    func put(_ request: Request) -> Put {
        self.state.withLock { state in
            if let closed = state.closed { return .refused(closed) }
            state.requests.append(request)
            if state.isWoken { return .queued }
            state.isWoken = true
            return .wake
        }
    }

    /// Takes all requests, in the order in which they came.
    func takeAll() -> [Request] {
        self.state.withLock { state in
            state.isWoken = false
            defer { state.requests.removeAll() }
            return state.requests
        }
    }

    /// Refuses requests from now on, for the first reason given.
    ///
    /// - Returns: those that were never written.
    func close(_ reason: RedisError) -> [Request] {
        self.state.withLock { state in
            if state.closed == nil { state.closed = reason }
            defer { state.requests.removeAll() }
            return state.requests
        }
    }
}
