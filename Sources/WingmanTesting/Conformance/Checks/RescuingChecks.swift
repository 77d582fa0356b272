import Wingman

extension StoreConformance {
    /// What dead processes held.
    static var rescuing: [Check] {
        [
            Check("What a dead process held runs again in the old order, before what came later") { bench in
                let keeper = try await bench.worker("k:1:a")
                try await bench.push((1...30).map { "\($0)" })
                let worker = try await bench.worker("w:1:a")
                var held = try await worker.claim(6)
                // Newer is what was claimed later by the clock.
                try await bench.fixture.advance(by: .milliseconds(1))
                held += try await worker.claim(5, lane: 2)
                try await bench.fixture.advance(by: .milliseconds(1))
                held += try await worker.claim(4)
                try await worker.settle(held[2].ended(), held[9].ended())
                try await bench.expireAll(but: keeper)
                let reply = try await bench.store.rescue()
                try expect("moved", reply.moved, is: 13)
                try expect("ended", reply.ended, is: [worker.process])
                try expect(!reply.hasMore, "more is said to be waiting")
                try await bench.expectQueue((1...30).filter { $0 != 3 && $0 != 10 }.map { "\($0)" })
            },
            Check("A second rescue finds nothing") { bench in
                let keeper = try await bench.worker("k:1:a")
                _ = try await bench.oneClaimed("a")
                try await bench.expireAll(but: keeper)
                try expect("moved", try await bench.store.rescue().moved, is: 1)
                try await bench.expectNoRescue()
                try await bench.expectQueue(["a"])
            },
            Check("Rescuers at the same time move each job once", Self.race),
            Check("A living process is left alone") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, claimed) = try await bench.oneClaimed("a")
                try await bench.pass(.seconds(60), beating: keeper, worker)
                try await bench.expectNoRescue()
                try await worker.settle(claimed.ended())
            },
            Check("Any number of jobs is rescued, in order, in calls that say when there is more") { bench in
                let keeper = try await bench.worker("k:1:a")
                let jobs = (0..<1_200).map { "job \($0)" }
                try await bench.push(jobs)
                let worker = try await bench.worker("w:1:a")
                for _ in 0..<3 { _ = try await worker.claim(400) }
                try await bench.expireAll(but: keeper)
                let replies = try await bench.rescueAll()
                try expect("moved", replies.reduce(0) { $0 + $1.moved }, is: 1_200)
                try expect("ended", replies.flatMap(\.ended), is: [worker.process])
                try await bench.expectQueue(jobs)
            },
            Check("Messages go back to their lists, jobs of a paused queue to it") { bench in
                let keeper = try await bench.worker("k:1:a")
                try await bench.push("m", "n")
                for message in try await keeper.claim(2) {
                    let moved = message.ended(.append(list: "requests", payload: message.payload), tally: .none)
                    try await keeper.settle(moved)
                }
                try await bench.push("a", to: "one")
                let worker = try await bench.worker("w:1:a")
                _ = try await worker.claim(2, from: [.list("requests"), .queue("one")].reversed())
                try await bench.store.setPaused(true, queue: "one")
                try await bench.expireAll(but: keeper)
                try expect("moved", try await bench.store.rescue().moved, is: 2)
                try expect("of the paused", try await keeper.claim(5, from: [.queue("one")]).count, is: 0)
                try await bench.expectQueue(["m", "n"], .list("requests"))
                try await bench.store.setPaused(false, queue: "one")
                try await bench.expectQueue(["a"], .queue("one"))
            },
            Check("A dead process without jobs is ended, and not shown any more") { bench in
                let keeper = try await bench.worker("k:1:a")
                let worker = try await bench.worker("w:1:a")
                try await bench.expireAll(but: keeper)
                let reply = try await bench.store.rescue()
                try expect("ended", reply.ended, is: [worker.process])
                try expect("moved", reply.moved, is: 0)
                try expect("shown", try await bench.store.processes().map(\.process), is: [keeper.process])
            },
            Check("Of two jobs held by two dead processes both come back; each process ended once") { bench in
                let keeper = try await bench.worker("k:1:a")
                try await bench.push("a", "b")
                for name in ["x:1:a", "y:1:a"] { _ = try await bench.worker(name).claimOne() }
                try await bench.expireAll(but: keeper)
                let reply = try await bench.store.rescue()
                try expect("ended", reply.ended.map(\.rawValue).sorted(), is: ["x:1:a", "y:1:a"])
                try expect("moved", reply.moved, is: 2)
                try expect("claimed", try await keeper.claim(5).map(\.text).sorted(), is: ["a", "b"])
            },
        ]
    }

    @Sendable private static func race(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        let jobs = (0..<100).map { "job \($0)" }
        try await bench.push(jobs)
        for name in ["w:1:a", "w:2:b"] { _ = try await bench.worker(name).claim(50) }
        try await bench.expireAll(but: keeper)
        let other = try await bench.fixture.open()
        let replies = try await withThrowingTaskGroup(of: RescueReply.self) { group in
            for index in 0..<8 {
                let store = index.isMultiple(of: 2) ? bench.store : other
                group.addTask { try await store.rescue() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        await other.close()
        try expect("moved", replies.reduce(0) { $0 + $1.moved }, is: 100)
        try expect("ended", replies.flatMap(\.ended).map(\.rawValue).sorted(), is: ["w:1:a", "w:2:b"])
        try expect("claimed", try await keeper.claim(200).map(\.text).sorted(), is: jobs.sorted())
    }
}
