import ServiceLifecycle
import Supervision

/// Asks the plugins' checks, each at its own pace. One question of a check is out at a time, however long it takes.
struct HealthWatch: Service {
    let checks: [HealthCheck]
    let board: HealthBoard
    let environment: ServiceEnvironment
    /// Where the bodies run: off the cooperative pool, where jobs that compute would make everything look unhealthy.
    let bodies: any TaskExecutor

    func run() async throws {
        await cancelledWhenStopped {
            await withDiscardingTaskGroup { group in
                for index in self.checks.indices { group.addTask { await self.watch(index) } }
            }
        }
    }

    private func watch(_ index: Int) async {
        let check = self.checks[index]
        while !Task.isCancelled {
            await self.ask(check, index)
            try? await self.environment.time.sleep(for: check.interval)
        }
    }

    /// Asks once and waits for the answer, noting meanwhile that it is late.
    private func ask(_ check: HealthCheck, _ index: Int) async {
        let board = self.board
        let late = Health.unhealthy("no answer within \(check.limit.optionText)")
        let timer = self.environment.time.schedule(after: check.limit) { board.answer(late, of: index) }
        defer { timer.cancel() }
        let environment = self.environment.owned(by: check.plugin)
        let first = FirstAnswer<Health?>()
        // Unstructured: a body that hangs must not hold up the stop. It is cancelled with the watch, and then forgotten.
        let body = Task.detached(name: "health \(check.name)", executorPreference: self.bodies) {
            do {
                first.answer(try await check.body(environment))
            } catch {
                first.answer(.unhealthy("\(error)"))
            }
        }
        let answer = await withTaskCancellationHandler {
            await first.wait()
        } onCancel: {
            body.cancel()
            first.answer(nil)
        }
        if let answer, !Task.isCancelled { board.answer(answer, of: index) }
    }
}
