import TestSupport
import Testing

@testable import Supervision

@Suite("Restart limits (cases 10 to 18)")
struct RestartLimitTests {
    private static func simple(
        _ backoff: Backoff = .none,
        intensity: Intensity,
        giveUp: GiveUpPolicy = .escalate,
        count: Int = 1,
        strategy: Strategy = .oneForOne
    ) -> SupervisorSpecification {
        SupervisorSpecification("root", strategy: strategy, intensity: intensity, giveUp: giveUp) {
            for number in 0..<count {
                ChildSpecification("c\(number)", backoff: backoff) { throw Broken() }
            }
        }
    }

    @Test("case 10: exactly N restarts in a window are allowed, one more gives up", arguments: [1, 3, 10])
    func limit(count: Int) {
        var driver = MachineDriver(Self.simple(intensity: Intensity(count, within: .seconds(60))))
        for _ in 0..<count { driver.fail("c0") }
        #expect(!driver.isFinished)
        #expect(driver.launches.count == count + 1)
        driver.fail("c0")
        #expect(driver.result??.code == .gaveUp)
        #expect(driver.launches.count == count + 1)
    }

    @Test("case 11: an intensity of 0 gives up at the first failure")
    func zero() {
        var driver = MachineDriver(Self.simple(intensity: Intensity(0, within: .seconds(60))))
        driver.fail("c0")
        #expect(driver.result??.code == .gaveUp)
    }

    @Test(
        "case 12: a restart exactly as old as the window still counts, one just older does not",
        arguments: [true, false]
    )
    func edge(isJustOlder: Bool) {
        var driver = MachineDriver(Self.simple(intensity: Intensity(1, within: .seconds(60))))
        driver.fail("c0")
        driver.pass(.seconds(60) + (isJustOlder ? .nanoseconds(1) : .zero))
        driver.fail("c0")
        #expect(driver.isFinished == !isJustOlder)
    }

    @Test("case 13: 100,000 instant throws follow the seeded backoff exactly, and nothing grows")
    func crashLoop() {
        let backoff = Backoff.exponential(minimum: .milliseconds(100), maximum: .seconds(30), jitter: .equal)
        var driver = MachineDriver(Self.simple(backoff, intensity: .unlimited), seed: 42)
        for _ in 0..<100_000 {
            driver.fail("c0")
            _ = driver.fireNext()
        }
        var random = RandomNumbers(seed: 42)
        let expected = (0..<100_000).map { backoff.delay(attempt: $0, random: random.unit()) }
        #expect(driver.delays == expected)
        #expect(driver.machine.children.values.allSatisfy { $0.history.count == ChildRecord.historyLength })
        #expect(driver.machine.zombies.isEmpty)
        // At most one start a delay: over an hour of machine time, 100,000 starts take more than 20 days.
        #expect(driver.now > .seconds(20 * 86_400))
    }

    @Test(
        "case 14: running a moment less than resetAfter does not reset the backoff, resetAfter does",
        arguments: [true, false]
    )
    func reset(isLongEnough: Bool) {
        let backoff = Backoff.exponential(minimum: .seconds(1), jitter: .none, resetAfter: .seconds(60))
        var driver = MachineDriver(Self.simple(backoff, intensity: .unlimited))
        for _ in 0..<3 {
            driver.fail("c0")
            _ = driver.fireNext()
        }
        driver.pass(.seconds(60) - (isLongEnough ? .zero : .nanoseconds(1)))
        driver.fail("c0")
        #expect(driver.delays == [.seconds(1), .seconds(2), .seconds(4), isLongEnough ? .seconds(1) : .seconds(8)])
    }

    @Test("case 15: nested limits multiply: 3 inside 2 allow exactly (3 + 1) × (2 + 1) starts")
    func nested() async throws {
        let stage = Stage()
        stage["leaf"].change { $0.run = { _ in throw Broken() } }
        try await stage.start(
            SupervisorSpecification(
                "root",
                intensity: Intensity(2, within: .seconds(3_600)),
                firstStart: .treatAsRestart
            ) {
                SupervisorSpecification(
                    "inner",
                    intensity: Intensity(3, within: .seconds(3_600)),
                    firstStart: .treatAsRestart
                ) {
                    stage.child("leaf")
                }
            }
        )
        await stage.time.advance(by: .seconds(600))
        let error = await stage.outcome()
        #expect(error?.code == .gaveUp)
        #expect(stage["leaf"].starts == 12)
    }

    @Test("case 16: giving up carries the last error and its history; siblings are stopped in reverse")
    func giveUp() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root", intensity: Intensity(1, within: .seconds(60))) {
                stage.child("a")
                stage.child("b")
                stage.child("c")
            }
        )
        await stage.act { stage["b"].fail(Broken("first")) }
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["b"].fail(Broken("last")) }
        let error = await stage.outcome()
        #expect(error?.code == .gaveUp)
        #expect(error?.cause as? Broken == Broken("last"))
        #expect(error?.history.map { "\($0.generation) \($0.reason)" } == ["1 threw first", "2 threw last"])
        #expect(stage.log.lines.suffix(4) == ["asked c", "end c", "asked a", "end a"])
        #expect(error?.description.contains("root/b (incarnation 2) threw last") == true)
    }

    @Test("giving up may end the whole tree with an exit code, from however deep inside")
    func terminate() async throws {
        let stage = Stage()
        try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                SupervisorSpecification("inner", giveUp: .park(retryAfter: nil)) {
                    stage.child("b") {
                        $0.intensity = Intensity(0, within: .seconds(60))
                        $0.giveUp = .terminate(exitCode: 75)
                    }
                    stage.child("c")
                }
            }
        )
        await stage.act { stage["b"].fail(Broken("the licence has expired")) }
        let error = await stage.outcome()
        #expect(error?.exitCode == 75)
        #expect(error?.path == "root/inner")
        #expect(error?.description.contains("root/inner/b (incarnation 1) threw the licence has expired") == true)
        #expect(stage.log.lines.suffix(4) == ["asked c", "end c", "asked a", "end a"])
    }

    private static func parking(_ stage: Stage) -> SupervisorSpecification {
        SupervisorSpecification(
            "root",
            intensity: Intensity(1, within: .seconds(60)),
            giveUp: .park(retryAfter: .seconds(300))
        ) {
            stage.child("core")
            stage.child("flaky") { $0.backoff.resetAfter = .seconds(60) }
        }
    }

    /// Lets the child fail twice, which is once too often.
    private static func failTooOften(_ stage: Stage) async {
        await stage.act { stage["flaky"].fail() }
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["flaky"].fail() }
    }

    @Test("case 17: a parked child is probed; a failing probe parks it again, a healthy one brings it back")
    func park() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.parking(stage))
        await Self.failTooOften(stage)
        #expect(root.tree()["flaky"]?.state == .parked)
        #expect(root.tree()["flaky"]?.nextAttemptSeconds == 300)
        #expect(root.registry.lookup("flaky") == .parked)
        #expect(root.tree().health == .degraded)

        await stage.time.advance(by: .seconds(300))
        #expect(stage["flaky"].starts == 3)
        await stage.act { stage["flaky"].fail() }
        #expect(root.tree()["flaky"]?.state == .parked, "the probe failed")

        await stage.time.advance(by: .seconds(300))
        await stage.time.advance(by: .seconds(60))
        #expect(root.tree()["flaky"]?.restartsInWindow == 0, "the probe has proved healthy")
        await stage.act { stage["flaky"].fail() }
        #expect(root.tree()["flaky"]?.state == .restarting)
        #expect(stage["core"].starts == 1)
        await stage.stop()
    }

    @Test("case 17: a parked child is brought back by hand, with a clean record")
    func resume() async throws {
        let stage = Stage()
        let root = try await stage.start(Self.parking(stage))
        await Self.failTooOften(stage)
        try await root.resume("flaky")
        await stage.time.settle()
        #expect(root.tree()["flaky"]?.state == .running)
        #expect(root.tree()["flaky"]?.restartsInWindow == 0)
        #expect(root.tree().health == .healthy)
        await #expect(throws: SupervisionError.self) { try await root.resume("flaky") }
        await Self.failTooOften(stage)
        #expect(root.tree()["flaky"]?.state == .parked)
        await stage.stop()
    }

    @Test("case 18: when 1,000 dynamic children fail at once, jitter spreads their starts")
    func storm() {
        let backoff = Backoff.exponential(minimum: .seconds(1), jitter: .equal)
        var driver = MachineDriver(
            Self.simple(backoff, intensity: .unlimited, count: 1_000, strategy: .dynamic(maximum: 1_000))
        )
        #expect(driver.launches.count == 1_000)
        let failedAt = driver.now
        for id in driver.machine.order { driver.fail(id) }
        #expect(driver.launches.count == 1_000, "none is restarted at once")
        while driver.launches.count < 2_000, driver.fireNext() {}
        var ticks: [Int: Int] = [:]
        for launch in driver.launches.dropFirst(1_000) {
            ticks[Int((launch.time - failedAt) / .milliseconds(10)), default: 0] += 1
        }
        #expect(ticks.values.max() ?? 0 < 60, "about 20 a tick of 10 ms are expected")
        #expect(ticks.keys.allSatisfy { (50...100).contains($0) })
    }
}
