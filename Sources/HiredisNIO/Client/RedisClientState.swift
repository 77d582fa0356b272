internal import DequeModule
internal import NIOCore

/// What the client knows of its shared connection, and who waits for one. A value: ``RedisClient`` performs what it says.
struct RedisClientState {
    private enum Phase {
        /// Nobody has asked for a connection yet.
        case idle
        /// The keeper is at work on a connection.
        case connecting
        case connected(RedisConnection)
        case closed
    }

    /// Where a request goes.
    enum Route {
        case connection(RedisConnection)
        /// It waits here. The keeper is to be started first if `start`.
        case waiting(start: Bool)
        case refused(RedisError)
    }

    private var phase = Phase.idle
    private var waiting: Deque<(request: Request, canWait: Bool)> = []
    private let endpoint: String
    /// Why there is no connection; nil before the first attempt has failed.
    private(set) var lastFailure: RedisError?

    init(endpoint: String) {
        self.endpoint = endpoint
    }

    var connection: RedisConnection? {
        if case .connected(let connection) = self.phase { return connection }
        return nil
    }

    /// How many requests wait for a connection.
    var waitingCount: Int { self.waiting.count }

    var isClosed: Bool {
        if case .closed = self.phase { return true }
        return false
    }

    /// Decides where `request` goes, and keeps it when it has to wait.
    ///
    /// - Parameters:
    ///   - canWait: whether it outlasts a failed attempt to connect.
    ///   - avoiding: a connection that has just refused it.
    mutating func route(_ request: Request, canWait: Bool, avoiding: RedisConnection? = nil) -> Route {
        switch self.phase {
        case .closed: return .refused(self.closedError)
        case .connected(let connection) where connection !== avoiding: return .connection(connection)
        case .connected, .connecting, .idle:
            var start = false
            if case .idle = self.phase { start = true }
            // The first connection is waited for in any case: nothing is wrong yet.
            guard canWait || self.lastFailure == nil else { return .refused(self.unavailableError) }
            self.phase = .connecting
            self.waiting.append((request, canWait))
            return .waiting(start: start)
        }
    }

    /// A connection is ready.
    ///
    /// - Returns: the requests that waited for it; nil when the client has been closed meanwhile.
    mutating func connected(_ connection: RedisConnection) -> [Request]? {
        guard !self.isClosed else { return nil }
        self.phase = .connected(connection)
        self.lastFailure = nil
        return self.takeWaiting()
    }

    /// The connection ended, or an attempt at one failed.
    ///
    /// - Returns: requests to fail at once: those that do not wait, and all when trying again cannot help them.
    mutating func failed(_ error: RedisError) -> [Request] {
        guard !self.isClosed else { return [] }
        self.phase = .connecting
        self.lastFailure = error
        guard error.kind == .transient else { return self.takeWaiting() }
        return self.takeWaiting { !$0.canWait }
    }

    /// Takes the requests whose deadline has passed.
    mutating func takeExpired(asOf now: NIODeadline) -> [Request] {
        self.takeWaiting { $0.request.deadline <= now }
    }

    /// - Returns: the requests that will never be sent, and the connection to close.
    mutating func close() -> (waiting: [Request], connection: RedisConnection?) {
        let connection = self.connection
        self.phase = .closed
        return (self.takeWaiting(), connection)
    }

    var closedError: RedisError { RedisError(.closed, "the client was closed", endpoint: self.endpoint) }

    var unavailableError: RedisError {
        let why = self.lastFailure.map { ": \($0.message)" } ?? ""
        return RedisError(.unavailable, "not connected\(why)", endpoint: self.endpoint, cause: self.lastFailure)
    }

    private mutating func takeWaiting(
        where isTaken: ((request: Request, canWait: Bool)) -> Bool = { _ in true }
    ) -> [Request] {
        let taken = self.waiting.filter(isTaken).map(\.request)
        self.waiting.removeAll(where: isTaken)
        return taken
    }
}
