import Foundation
import Logging
import Supervision
import Synchronization
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// One call of a handler, as tests see it.
struct Call: Sendable, Equatable {
    var process: Int
    var client: String
    var body: Int
    var attempt: Int
}

/// What handlers of the bench get.
struct ProbeBody: Codable, Sendable {
    var n: Int
}

/// Lets handlers wait for a test, and hear their cancellation meanwhile.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    func open() {
        let waiters = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// - Throws: `CancellationError` when the task is cancelled.
    func pass() async throws {
        let ticket = self.state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiters[ticket] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: ticket) }?.resume()
        }
        try Task.checkCancellation()
    }
}

/// A store, and whole servers with an orchestrator on it, in this process.
final class InboundBench: Sendable {
    typealias Handling = @Sendable (Call, InboundContext) async throws -> Int

    private struct State {
        var calls: [Call] = []
        var contexts: [InboundContext] = []
        var mailers: [MailerControl] = []
        var broken: Set<Int> = []
        var fragileLanes = InboundLanes.ordered
    }

    let store: MemoryStore
    let handling: Handling
    let unknownClients: UnknownClients?
    let holdWhenParked: Bool?
    let retry: InboundRetry
    private let state = Mutex(State())

    init(
        store: MemoryStore = MemoryStore(),
        retry: InboundRetry = InboundRetry(firstDelay: .milliseconds(5)),
        unknownClients: UnknownClients? = nil,
        holdWhenParked: Bool? = nil,
        handling: @escaping Handling = { call, _ in call.body * 2 }
    ) {
        self.store = store
        self.retry = retry
        self.unknownClients = unknownClients
        self.holdWhenParked = holdWhenParked
        self.handling = handling
    }

    /// All calls so far, in order.
    var calls: [Call] { self.state.withLock { $0.calls } }
    /// What was told with them.
    var contexts: [InboundContext] { self.state.withLock { $0.contexts } }

    /// The bodies of the calls of a client, in order.
    func bodies(of client: String) -> [Int] { self.calls.filter { $0.client == client }.map(\.body) }

    func handle(_ call: Call, _ context: InboundContext) async throws -> Int {
        self.state.withLock { state in
            state.calls.append(call)
            state.contexts.append(context)
        }
        return try await self.handling(call, context)
    }

    func started(_ mailer: MailerControl) { self.state.withLock { $0.mailers.append(mailer) } }

    /// Lets the service `fragile` of a process fail whenever it is started, from now on.
    func breakFragile(in process: Int) {
        self.state.withLock { _ = $0.broken.insert(process) }
        self.failFragile()
    }

    func isBroken(_ process: Int) -> Bool { self.state.withLock { $0.broken.contains(process) } }

    /// How often the service `fragile` was started.
    var fragileStarts: Int { self.state.withLock { $0.mailers.count } }

    /// How incarnations of the service `fragile` take messages that are made from now on.
    var fragileLanes: InboundLanes {
        get { self.state.withLock { $0.fragileLanes } }
        set { self.state.withLock { $0.fragileLanes = newValue } }
    }

    /// The processes on the store, as their beats say.
    func fleet() async throws -> Fleet { Fleet(try await self.store.processes(), of: "requests") }

    /// Lets the running incarnation of the service `fragile` fail.
    func failFragile() { self.state.withLock { $0.mailers.last }?.fail() }

    // MARK: The store

    /// Pushes messages as producers do.
    func push(_ messages: String...) async throws { try await self.push(messages) }

    func push(_ messages: [String]) async throws {
        _ = try await self.store.apply(
            Change(messages.map { .append(list: "requests", payload: Array($0.utf8)) })
        )
    }

    static func message(_ client: String, _ n: Int, _ members: String = "") -> String {
        #"{"client":"\#(client)","body":{"n":\#(n)}\#(members)}"#
    }

    /// All that lies in a list, the next one first.
    func list(_ name: String) async throws -> [String] {
        try await self.store.entries(in: .list(name), from: 0, limit: 100_000)
            .map { String(decoding: $0.payload, as: UTF8.self) }
    }

    /// The dead letters, the oldest first.
    func deadLetters() async throws -> [DeadLetter] {
        try await self.store.entries(in: .list("requests:dead"), from: 0, limit: 100_000)
            .map { try DeadLetter(json: $0.payload) }
    }

    /// The dead letters once there are so many.
    func deadLetters(_ count: Int) async throws -> [DeadLetter] {
        try await eventually("\(count) dead letters") {
            try await self.deadLetters()
        } until: {
            $0.count >= count
        }
    }

    /// Waits for a reply, as senders do.
    func reply(_ list: String) async throws -> String? {
        try await self.store.receive(from: list, timeout: .seconds(60)).map { String(decoding: $0, as: UTF8.self) }
    }

    func value(_ name: String) async throws -> String? {
        try await self.store.values(of: [StoreKey("orchestrator", name)])[0].map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: Servers

    /// Runs a server while `body` does; stops it then.
    func run<Result: Sendable>(
        process number: Int = 1,
        _ body: (Server, RemoteOrchestrator) async throws -> Result
    ) async throws -> Result {
        let plugin = RemoteOrchestrator(holdWhenParked: self.holdWhenParked, unknownClients: self.unknownClients)
        let app = BenchApp(bench: self, number: number, plugin: plugin)
        let logger = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        let server = try await Server(
            try Assembly(app, mode: .server, logger: logger),
            store: self.store.another(),
            configuration: ServerConfiguration(stopTimeout: .seconds(1), handlesSignals: false),
            logger: logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(server, plugin))
            } catch {
                result = .failure(error)
            }
            server.stop()
            try await group.waitForAll()
            return try result.get()
        }
    }
}
