import Wingman

extension StoreConformance {
    /// What a store does about its own absence and its clock.
    static var graces: [Check] {
        [
            Check("Nobody is rescued while nobody beats: the store may have been away") { bench in
                let (_, _) = try await bench.oneClaimed()
                try await bench.fixture.advance(by: .seconds(60))
                try await bench.expectNoRescue()
            },
            Check("After an outage there is a grace in which all can beat again") { bench in
                let keeper = try await bench.worker("k:1:a")
                let returning = try await bench.worker("w:1:a")
                let dead = try await bench.worker("w:2:b")
                try await bench.push("a", "b")
                let held = try await returning.claimOne()
                _ = try await dead.claimOne()
                try await bench.fixture.advance(by: .seconds(60))
                try await keeper.beat()
                try await bench.expectNoRescue()
                try await bench.pass(.seconds(3), beating: keeper)
                try await bench.expectNoRescue()
                try await returning.beat()
                try await bench.pass(.seconds(6), beating: keeper, returning)
                let reply = try await bench.store.rescue()
                try expect("ended", reply.ended, is: [dead.process])
                try expect("moved", reply.moved, is: 1)
                try await returning.settle(held.ended())
                try await bench.expectQueue(["b"])
            },
            Check("A clock that is set back starts all leases anew, with a grace") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, _) = try await bench.oneClaimed("a")
                try await bench.pass(.seconds(9), beating: keeper, worker)
                try await bench.fixture.advance(by: .seconds(-3_600))
                try await bench.expectNoRescue()
                try await keeper.beat()
                try await bench.expectNoRescue()
                try await bench.pass(.seconds(9), beating: keeper)
                try await bench.expectNoRescue()
                // Not an hour later: fifteen seconds.
                try await bench.pass(.seconds(9), beating: keeper)
                try expect("ended", try await bench.store.rescue().ended, is: [worker.process])
                try await bench.expectQueue(["a"])
            },
            Check("A rescue says when the next look is worth while", Self.nextLook),
        ]
    }

    @Sendable private static func nextLook(_ bench: Bench) async throws {
        try expect("without leases", try await bench.store.rescue().nextLook, is: nil)
        let keeper = try await bench.worker("k:1:a")
        let worker = try await bench.worker("w:1:a")
        try await bench.pass(.seconds(9), beating: keeper, worker)
        try Self.expectLook(try await bench.store.rescue().nextLook, within: .seconds(15))
        try await bench.pass(.seconds(9), beating: keeper)
        try Self.expectLook(try await bench.store.rescue().nextLook, within: .seconds(6))
        try await bench.fixture.advance(by: .seconds(60))
        try await keeper.beat()
        // The worker's lease has run out; the grace has not.
        try Self.expectLook(try await bench.store.rescue().nextLook, within: .seconds(6))
        try await bench.pass(.seconds(9), beating: keeper)
        try await bench.rescueAll()
        // One that gave itself up is emptied when the grace ends, whatever leases there are.
        let last = try await bench.worker("w:2:b")
        try await bench.fixture.advance(by: .seconds(60))
        try await keeper.beat()
        try await bench.store.abandon(last.process)
        try Self.expectLook(try await bench.store.rescue().nextLook, within: .seconds(6))
    }

    /// A clock that runs makes it a little less, rounding a little more.
    private static func expectLook(_ look: Duration?, within most: Duration, line: Int = #line) throws {
        let isSound = look.map { $0 > most - .seconds(1) && $0 <= most + .milliseconds(10) } ?? false
        guard !isSound else { return }
        throw ConformanceFailure("the next look is in \(look as Any) instead of \(most)", line: line)
    }
}

extension Bench {
    func expectNoRescue(file: String = #fileID, line: Int = #line) async throws {
        let reply = try await self.store.rescue()
        try expect("moved", reply.moved, is: 0, file: file, line: line)
        try expect("ended", reply.ended, is: [], file: file, line: line)
    }
}
