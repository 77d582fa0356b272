import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Wingman

@Suite("Health checks of plugins")
struct HealthTests {
    private let time = ManualTime()

    private func check(
        _ name: String,
        _ body: @escaping @Sendable (ServiceEnvironment) async throws -> Health
    ) -> HealthCheck {
        HealthCheck(plugin: "audit", name: name, interval: .seconds(10), limit: .seconds(2), body: body)
    }

    private func start(_ checks: [HealthCheck]) -> (HealthBoard, Task<Void, any Error>) {
        let board = HealthBoard(checks, logger: quietLogger)
        let watch = HealthWatch(
            checks: checks,
            board: board,
            environment: .sample(ScriptedStore(), time: self.time),
            bodies: self.time.executor
        )
        return (board, Task(executorPreference: self.time.executor) { try await watch.run() })
    }

    private func stop(_ task: Task<Void, any Error>) async {
        task.cancel()
        await self.time.advance(by: .seconds(1))
        _ = try? await task.value
    }

    @Test("are asked at once and then at their pace, in the plugin's own environment, and the last answer counts")
    func asked() async {
        let answers = Notes<String>()
        let (board, task) = self.start([
            self.check("well") { environment in
                answers.add(environment.keys.namespace)
                return answers.all.count < 3 ? .healthy : .degraded("slow")
            }
        ])
        await self.time.advance(by: .seconds(1))
        #expect(board.reports == [HealthReport(plugin: "audit", check: "well", health: .healthy)])
        await self.time.advance(by: .seconds(20))
        #expect(answers.all == ["audit", "audit", "audit"])
        #expect(board.reports.map(\.health) == [.degraded("slow")])
        await self.stop(task)
    }

    @Test("that throw are unhealthy, with the error")
    func thrown() async {
        let (board, task) = self.start([self.check("torn") { _ in throw Breakage() }])
        await self.time.advance(by: .seconds(1))
        #expect(board.reports.map(\.health) == [.unhealthy("it broke")])
        await self.stop(task)
    }

    @Test("that hang are unhealthy after their limit, are not asked again meanwhile, and hold up neither others nor the stop")
    func hanging() async {
        let asked = Counter64()
        let gate = FirstAnswer<Void>()
        let (board, task) = self.start([
            self.check("hung") { _ in
                asked.add()
                await gate.wait()
                return .healthy
            },
            self.check("well") { _ in .healthy },
        ])
        await self.time.advance(by: .milliseconds(1_900))
        #expect(board.reports.map(\.check) == ["well"])
        await self.time.advance(by: .seconds(60))
        #expect(board.reports.map(\.health) == [.unhealthy("no answer within 2s"), .healthy])
        #expect(asked.count == 1)
        await self.stop(task)
        gate.answer(())
    }
}
