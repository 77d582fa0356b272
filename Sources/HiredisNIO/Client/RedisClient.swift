public import NIOCore
internal import NIOPosix
internal import Synchronization

/// A client of one Redis server: a shared connection that is made again whenever it is lost, and connections of their own
/// for blocking commands.
///
/// * Commands of concurrent callers are pipelined on the shared connection.
/// * It connects at the first command (or ``connect(timeout:)``), and then tries until ``close()``, with pauses of
///   exponential length and full jitter.
/// * It never sends a command twice. A command whose connection broke after it was written fails with
///   ``RedisError/mayHaveRun``; one that was not written yet waits for the next connection, up to its deadline.
/// * All of its own work is done on an event loop, none on the cooperative pool.
///
/// `close()` has to be called: until then the client keeps itself alive.
public final class RedisClient: RedisSender {
    /// What happens to the shared connection.
    public enum Event: Sendable {
        /// The first connection is ready.
        case connected
        /// The connection was lost, or the first attempt failed. Reported once per outage.
        case lost(RedisError)
        /// There is a connection again, this long after it was lost.
        case reconnected(after: Duration)
    }

    /// Where and how.
    public let configuration: RedisConfiguration

    let eventLoopGroup: any EventLoopGroup
    let eventLoop: any EventLoop
    let onConnect: @Sendable (RedisConnection) async throws -> Void
    let onEvent: @Sendable (Event) -> Void
    let state: Mutex<RedisClientState>
    /// The shared connection's keeper, the pause it is in, and the dedicated connections.
    let running = Mutex(Running())

    struct Running {
        var keeper: Task<Void, Never>?
        var pause: Scheduled<Void>?
        /// Weakly: a connection that its user drops closes by itself.
        var dedicated: [ObjectIdentifier: WeakConnection] = [:]
    }

    struct WeakConnection: Sendable {
        weak let connection: RedisConnection?
    }

    /// Creates a client; nothing is connected yet.
    ///
    /// - Parameters:
    ///   - configuration: where and how.
    ///   - eventLoopGroup: where its channels live; nil: the process' shared group.
    ///   - onEvent: told of each change, for one line in the log. Called on an event loop: it must not block.
    ///   - onConnect: run on each new shared connection before anyone else uses it, to load scripts for instance. When it
    ///     throws, the connection is closed and tried again. Runs on an event loop: it must not block.
    public init(
        _ configuration: RedisConfiguration,
        eventLoopGroup: (any EventLoopGroup)? = nil,
        onEvent: @escaping @Sendable (Event) -> Void = { _ in },
        onConnect: @escaping @Sendable (RedisConnection) async throws -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        self.eventLoop = self.eventLoopGroup.next()
        self.onConnect = onConnect
        self.onEvent = onEvent
        self.state = Mutex(RedisClientState(endpoint: configuration.endpoint.description))
    }

    /// `host:port`, or the path of the socket.
    public var endpointDescription: String { self.configuration.endpoint.description }

    /// Runs tasks on this client's event loop, where computing jobs do not hold them up. They must not block.
    public var executor: any TaskExecutor { EventLoopTaskExecutor(self.eventLoop) }

    /// Waits on this client's event loop, where computing jobs delay nobody. Hears no cancellation.
    public func pause(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            self.eventLoop.scheduleTask(in: TimeAmount(duration)) { continuation.resume() }
        }
    }

    /// Whether the shared connection is up.
    public var isConnected: Bool { self.state.withLock { $0.connection?.isOpen == true } }

    /// Waits until the shared connection answers, for a check at the program's start.
    ///
    /// - Parameter timeout: how long to try; nil: ``RedisConfiguration/connectTimeout``.
    /// - Throws: ``RedisError`` at once for what trying again cannot mend (a wrong password, a certificate), and at the
    ///   end of the time for the rest.
    public func connect(timeout: Duration? = nil) async throws(RedisError) {
        let deadline = self.eventLoop.deadline(after: timeout ?? self.configuration.connectTimeout)
        let replies = try await Request.perform([RedisCommand("PING")], deadline: deadline) {
            self.submit($0, canWait: true)
        }
        if let error = replies.first?.error { throw self.failure(error, of: "PING") }
    }

    /// Sends commands in one write by the shared connection, waiting for one if there is none (and
    /// ``RedisConfiguration/whenDisconnected`` says so); see ``RedisSender/send(batch:timeout:)``.
    public func send(
        batch commands: [RedisCommand],
        timeout: Duration? = nil
    ) async throws(RedisError) -> [RESPValue] {
        let deadline = self.eventLoop.deadline(after: timeout ?? self.configuration.commandTimeout)
        let canWait = self.configuration.whenDisconnected == .wait
        return try await Request.perform(commands, deadline: deadline) { self.submit($0, canWait: canWait) }
    }

    /// Ends everything: whoever waits gets ``RedisError/Code/closed``, and no connection is left when this returns.
    public func close() async {
        let (waiting, connection) = self.state.withLock { $0.close() }
        let error = self.state.withLock { $0.closedError }
        for request in waiting { request.fail(error, mayHaveRun: false) }
        let (keeper, dedicated) = self.running.withLock { running in
            running.pause?.cancel()
            return (running.keeper, running.dedicated.values.compactMap(\.connection))
        }
        await connection?.close()
        for connection in dedicated { await connection.close() }
        await keeper?.value
    }

    /// Sends a request by the shared connection, or lets it wait for one.
    func submit(_ request: Request, canWait: Bool) {
        var refusing: RedisConnection?
        while true {
            switch self.state.withLock({ $0.route(request, canWait: canWait, avoiding: refusing) }) {
            case .connection(let connection):
                if connection.take(request) { return }
                refusing = connection
            case .waiting(let start):
                if start { self.startKeeper() }
                return self.expireWaiting(at: request.deadline)
            case .refused(let error): return request.fail(error, mayHaveRun: false)
            }
        }
    }

    private func expireWaiting(at deadline: NIODeadline) {
        guard deadline < .distantFuture else { return }
        self.eventLoop.scheduleTask(deadline: deadline) {
            let (expired, error) = self.state.withLock {
                ($0.takeExpired(asOf: self.eventLoop.now), $0.unavailableError)
            }
            for request in expired { request.fail(error, mayHaveRun: false) }
        }
    }
}
