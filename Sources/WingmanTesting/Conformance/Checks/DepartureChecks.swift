import Wingman

extension StoreConformance {
    /// Whether a process has ended: who takes over from it must not come before what it leaves is back.
    static var departures: [Check] {
        [
            Check("A process that nobody knows has departed; one that lives has not") { bench in
                try await bench.expectDeparted("never:1:seen")
                let (worker, claimed) = try await bench.oneClaimed("a")
                try await bench.expectPresent(worker)
                try await worker.settle(claimed.ended())
                try await bench.expectPresent(worker)
            },
            Check("A process whose lease has run out departs when it is rescued, not before") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, _) = try await bench.oneClaimed("a")
                let idle = try await bench.worker("i:1:a")
                try await bench.expireAll(but: keeper)
                try await bench.expectPresent(worker, idle, keeper)
                try await bench.rescueAll()
                try await bench.expectPresent(keeper)
                for process in [worker, idle] { try await bench.expectDeparted(process.process.rawValue) }
                try await bench.expectQueue(["a"])
            },
            Check("A lease that has run out and is renewed in time departs nobody") { bench in
                let keeper = try await bench.worker("k:1:a")
                let worker = try await bench.worker("w:1:a")
                try await bench.expireAll(but: keeper)
                try await worker.beat()
                try await bench.rescueAll()
                try await bench.expectPresent(worker)
            },
            Check("A process that is rescued in many calls departs with the last of them", Self.departing),
            Check("A process that leaves has departed; one that may not leave has not") { bench in
                let (worker, claimed) = try await bench.oneClaimed("a")
                _ = try await bench.store.leave(worker.process)
                try await bench.expectPresent(worker)
                try await worker.settle(claimed.ended(.giveBack, tally: .none))
                _ = try await bench.store.leave(worker.process)
                try await bench.expectDeparted(worker.process.rawValue)
                try await bench.fixture.advance(by: .seconds(4_000))
                try await bench.expectDeparted(worker.process.rawValue)
            },
            Check("A process that gives itself up departs when it is rescued") { bench in
                let keeper = try await bench.worker("k:1:a")
                try await bench.pass(.seconds(9), beating: keeper)
                let (worker, _) = try await bench.oneClaimed("a")
                try await bench.store.abandon(worker.process)
                try await bench.expectPresent(worker)
                try await bench.rescueAll()
                try await bench.expectDeparted(worker.process.rawValue)
            },
            Check("A dead process for which something had come departs when that is back") { bench in
                let keeper = try await bench.worker("k:1:a")
                let worker = try await bench.worker("w:1:a")
                try await bench.push("a", "b")
                try await bench.untilNews(worker)
                try await bench.expireAll(but: keeper)
                try await bench.expectPresent(worker)
                try await bench.rescueAll()
                try await bench.expectDeparted(worker.process.rawValue)
                try await bench.expectQueue(["a", "b"])
            },
            Check(
                "Who takes an office from a departed process finds what that one held before all else",
                Self.succession
            ),
        ]
    }

    @Sendable private static func departing(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        try await bench.push((0..<1_200).map { "job \($0)" })
        let worker = try await bench.worker("w:1:a")
        for _ in 0..<3 { _ = try await worker.claim(400) }
        try await bench.expireAll(but: keeper)
        var hasMore = true
        while hasMore {
            try await bench.expectPresent(worker)
            hasMore = try await bench.store.rescue().hasMore
        }
        try await bench.expectDeparted(worker.process.rawValue)
    }

    /// Two want the office of a third that dies with messages in its hands.
    @Sendable private static func succession(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        let first = try await bench.worker("w:1:a")
        for number in 1...6 { try await bench.change(.append(list: "requests", payload: "\(number)".bytes)) }
        try await bench.change(.put(.value, first.process.rawValue.bytes))
        _ = try await first.claim(3, from: [.list("requests")])
        let takeover = Change(
            if: [.equals(.value, first.process.rawValue.bytes), .departed(first.process)],
            [.put(.value, keeper.process.rawValue.bytes)]
        )
        for step in 0..<2 {
            guard case .refused(condition: 1, _) = try await bench.store.apply(takeover) else {
                throw ConformanceFailure("the office of a process that has not departed was taken")
            }
            if step == 0 { try await bench.expireAll(but: keeper) }
        }
        try await bench.rescueAll()
        guard case .applied = try await bench.store.apply(takeover) else {
            throw ConformanceFailure("the office of a process that has departed was not given")
        }
        guard case .refused(condition: 0, _) = try await bench.store.apply(takeover) else {
            throw ConformanceFailure("an office was taken twice")
        }
        try await first.expectFenced()
        let claimed = try await keeper.claim(6, from: [.list("requests")])
        try expect("claimed", claimed.map(\.text), is: (1...6).map { "\($0)" })
    }
}

extension Bench {
    private func hasDeparted(_ process: ProcessID) async throws -> Bool {
        switch try await self.store.apply(Change(if: [.departed(process)], [])) {
        case .applied: true
        case .refused: false
        }
    }

    func expectPresent(_ workers: BenchWorker..., file: String = #fileID, line: Int = #line) async throws {
        for worker in workers {
            let hasDeparted = try await self.hasDeparted(worker.process)
            try expect(!hasDeparted, "\(worker.process) is said to have departed", file: file, line: line)
        }
    }

    func expectDeparted(_ process: String, file: String = #fileID, line: Int = #line) async throws {
        let hasDeparted = try await self.hasDeparted(ProcessID(rawValue: process))
        try expect(hasDeparted, "\(process) is said to be there still", file: file, line: line)
    }
}
