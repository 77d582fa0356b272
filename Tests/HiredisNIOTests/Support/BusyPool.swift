import Dispatch
import Foundation
import Synchronization
import TestSupport

/// Keeps every thread of the cooperative pool computing, for tests of what must go on meanwhile.
final class BusyPool: Sendable {
    /// Runs a task's jobs on a thread that is none of the pool's.
    private final class OwnThread: TaskExecutor {
        private let queue = DispatchQueue(label: "own thread")

        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            self.queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private let cores = ProcessInfo.processInfo.activeProcessorCount
    private let spinning = Atomic(0)
    private let isOver = Atomic(false)

    /// Runs `body` off the pool, while as many tasks as there are cores compute without a break.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await alone { try await self.fill(body) }
    }

    private func fill(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<self.cores { group.addTask { self.spin() } }
            group.addTask(executorPreference: OwnThread()) {
                defer { self.isOver.store(true, ordering: .relaxed) }
                while self.spinning.load(ordering: .relaxed) < self.cores { await Task.yield() }
                try await body()
            }
            try await group.waitForAll()
        }
    }

    private func spin() {
        self.spinning.add(1, ordering: .relaxed)
        while !self.isOver.load(ordering: .relaxed) {}
    }
}
