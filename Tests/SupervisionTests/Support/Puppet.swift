import ServiceLifecycle
import Supervision
import Synchronization

struct Broken: Error, Equatable, CustomStringConvertible {
    var description: String
    init(_ description: String = "broken") { self.description = description }
}

/// A child that does what a test says. Each incarnation is one run of it; the test acts on the newest.
final class Puppet: Sendable {
    /// What makes its `run()` return.
    enum Obedience: Sendable {
        case graceful
        case cancellation
        case nothing
    }

    /// What one incarnation does by itself, by its number (from 1).
    struct Script: Sendable {
        /// Throws to make the factory fail.
        var factory: @Sendable (Int) async throws -> Void = { _ in }
        /// Runs first in `run()`; throws to fail at once, returns true to return at once.
        var run: @Sendable (Int) async throws -> Bool = { _ in false }
        /// Runs when the incarnation was told to end; throws to fail the clean-up.
        var cleanUp: @Sendable (Int) async throws -> Void = { _ in }
        var obeys = Obedience.graceful
    }

    let name: String
    private let log: Log
    private let script: Mutex<Script>
    private let runs = Mutex<[PuppetRun]>([])
    private let made = Atomic<Int>(0)

    init(_ name: String, log: Log, script: Script = Script()) {
        self.name = name
        self.log = log
        self.script = Mutex(script)
    }

    /// How often the factory was called.
    var starts: Int { self.made.load(ordering: .relaxed) }
    /// How many `run()`s are under way.
    var alive: Int { self.runs.withLock { $0.count { !$0.isOver } } }

    func change(_ body: (inout Script) -> Void) {
        self.script.withLock { body(&$0) }
    }

    func make() async throws -> any Service {
        let number = self.made.add(1, ordering: .relaxed).newValue
        let script = self.script.withLock { $0 }
        try await script.factory(number)
        let run = PuppetRun(name: self.name, number: number, log: self.log, script: script)
        self.runs.withLock { $0.append(run) }
        return run
    }

    /// Makes the newest incarnation throw.
    func fail(_ error: any Error = Broken()) {
        self.newest?.end(.failure(error))
    }

    /// Makes the newest incarnation return.
    func finish() {
        self.newest?.end(.success(()))
    }

    /// Makes an incarnation, by its number, return: also one that was abandoned.
    func finish(incarnation number: Int) {
        self.runs.withLock { $0.first { $0.number == number } }?.end(.success(()))
    }

    /// Tells the supervisor that the newest incarnation is ready.
    func ready() {
        self.newest?.handle?.ready()
    }

    /// The newest incarnation's own view of itself.
    var handle: Incarnation? { self.newest?.handle }

    private var newest: PuppetRun? { self.runs.withLock { $0.last } }
}

/// One incarnation.
final class PuppetRun: Service, Quieting {
    private struct State: Sendable {
        var continuation: CheckedContinuation<Void, any Error>?
        var result: Result<Void, any Error>?
        var handle: Incarnation?
        var isOver = false
    }

    let name: String
    let number: Int
    private let log: Log
    private let script: Puppet.Script
    private let state = Mutex(State())

    init(name: String, number: Int, log: Log, script: Puppet.Script) {
        self.name = name
        self.number = number
        self.log = log
        self.script = script
    }

    var handle: Incarnation? { self.state.withLock { $0.handle } }
    var isOver: Bool { self.state.withLock { $0.isOver } }

    func run() async throws {
        self.state.withLock { $0.handle = Incarnation.current }
        self.log.append("start \(self.name)")
        defer {
            self.state.withLock { $0.isOver = true }
            self.log.append("end \(self.name)")
        }
        if try await self.script.run(self.number) { return }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await self.wait()
            } onGracefulShutdown: {
                self.log.append("asked \(self.name)")
                if self.script.obeys == .graceful { self.end(.success(())) }
            }
        } onCancel: {
            self.log.append("cancelled \(self.name)")
            if self.script.obeys != .nothing { self.end(.failure(CancellationError())) }
        }
        try await self.script.cleanUp(self.number)
    }

    func quiet() async {
        self.log.append("quiet \(self.name)")
    }

    func end(_ result: Result<Void, any Error>) {
        let continuation: CheckedContinuation<Void, any Error>? = self.state.withLock { state in
            guard state.result == nil else { return nil }
            state.result = result
            return state.continuation
        }
        continuation?.resume(with: result)
    }

    private func wait() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Void, any Error>? = self.state.withLock { state in
                state.continuation = continuation
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
