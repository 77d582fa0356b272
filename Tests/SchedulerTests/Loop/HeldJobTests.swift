import Supervision
import TestSupport
import Testing
import WingmanTesting

@testable import Wingman
@testable import WingmanScheduler

@Suite("A job that a process has claimed and not begun")
struct HeldJobTests {
    private let rig = Rig.manual()
    private let holder = ProcessID(rawValue: "host:1:a")

    @Test(
        "has not ended, however long it waits in the process's memory; if it goes without a word, the schedule goes on"
    )
    func held() async throws {
        let process = self.rig.start { Every(.seconds(10)) { Sweep() }.overlap(.skip) }
        await self.rig.time.advance(by: .seconds(15))
        _ = try await self.rig.store.beat(Self.beat(of: self.holder))
        let claimed = try await self.step(1, claim: 1)
        try #require(claimed.count == 1)
        await self.rig.time.advance(by: .seconds(300))
        #expect(try await self.rig.record("Sweep")?.count == 1)
        #expect(try await self.rig.record("Sweep")?.history.last?.kind == .overlapped)
        // As a program without the scheduler would end it.
        let settlement = Settlement(token: claimed[0].token, disposition: .done, tally: .processed, effects: [])
        _ = try await self.step(2, settling: [settlement])
        await self.rig.time.advance(by: .seconds(75))
        #expect(try #require(try await self.rig.record("Sweep")).count == 2)
        await process.stop()
    }

    private func step(_ number: Int, claim: Int = 0, settling: [Settlement] = []) async throws -> [Claimed] {
        let reply = try await self.rig.store.step(
            Step(
                process: self.holder,
                lane: 1,
                number: number,
                settlements: settling,
                claim: claim,
                sources: [.queue("default")]
            )
        )
        guard case .done(_, let claimed, _) = reply else { return [] }
        return claimed
    }

    private static func beat(of process: ProcessID) -> Beat {
        Beat(
            process: process,
            kind: .register,
            number: 1,
            lease: .seconds(3_600),
            info: "{}",
            concurrency: 1,
            isQuiet: false,
            residentKiB: 1,
            roundTripMicroseconds: 1,
            work: [],
            executions: []
        )
    }
}
