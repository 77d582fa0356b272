import Foundation
import ServiceLifecycle
import Supervision
import TestSupport
import Testing

/// A process as a service: it fails when the process is killed by a signal, as a trap kills it.
private struct WorkerProcess: Service {
    struct Killed: Error, CustomStringConvertible {
        let signal: Int32
        var description: String { "killed by signal \(self.signal)" }
    }

    let script: String
    let ended: @Sendable () -> Void

    func run() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", self.script]
        await withCheckedContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume() }
        }
        defer { self.ended() }
        if process.terminationReason == .uncaughtSignal { throw Killed(signal: process.terminationStatus) }
    }
}

@Suite("Processes as children (case 57)")
struct ProcessTests {
    @Test("case 57: a parent process sees which signal its worker died of, and starts it again after the backoff")
    func restarted() async throws {
        let stage = Stage()
        let ends = AsyncStream.makeStream(of: Void.self)
        var iterator = ends.stream.makeAsyncIterator()
        let root = try await stage.start(
            SupervisorSpecification("swarm", intensity: Intensity(1, within: .seconds(60))) {
                ChildSpecification("worker", backoff: .constant(.seconds(1)), executor: stage.time.executor) {
                    WorkerProcess(script: "kill -ILL $$") { ends.continuation.yield() }
                }
            }
        )
        await iterator.next()
        await stage.time.settle()
        #expect(root.tree()["worker"]?.state == .restarting)
        #expect(root.tree()["worker"]?.lastError == "threw killed by signal 4")
        await stage.time.advance(by: .seconds(1))
        await iterator.next()
        await stage.time.settle()
        let error = await stage.outcome()
        #expect(error?.code == .gaveUp)
        #expect(error?.history.map { "\($0.reason)" } == ["threw killed by signal 4", "threw killed by signal 4"])
    }
}
