import Wingman

extension StoreConformance {
    /// Leaving and giving up.
    static var leaving: [Check] {
        [
            Check("A process leaves only when it holds nothing, and may ask twice") { bench in
                let (worker, claimed) = try await bench.oneClaimed("a")
                try expect(try await !bench.store.leave(worker.process), "a process left with a job in its hands")
                try expect(try await !bench.store.leave(worker.process), "a process left with a job in its hands")
                try await worker.settle(claimed.ended(.giveBack, tally: .none))
                try expect(try await bench.store.leave(worker.process), "it holds nothing and may not leave")
                try expect(try await bench.store.leave(worker.process), "leaving twice is refused")
                try await worker.expectFenced([claimed.ended()])
                try await bench.expectQueue(["a"])
            },
            Check("A process nobody knows has left") { bench in
                try expect(try await bench.store.leave(ProcessID(rawValue: "never:1:seen")), "it is still here")
            },
            Check("One that was refused to leave goes on, and dies like any other") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, _) = try await bench.oneClaimed("a")
                _ = try await bench.store.leave(worker.process)
                try await worker.beat()
                try await bench.expireAll(but: keeper)
                try expect("ended", try await bench.store.rescue().ended, is: [worker.process])
                try expect(try await bench.store.leave(worker.process), "an emptied process may not leave")
                try await bench.expectQueue(["a"])
            },
            Check("A process that leaves leads no longer than its turn, and others are not touched") { bench in
                let worker = try await bench.worker("w:1:a")
                let (other, claimed) = (try await bench.worker("w:2:b"), try await bench.pushAndClaim("a", by: "w:3:c"))
                try expect(try await bench.store.leave(worker.process), "it holds nothing and may not leave")
                try await other.beat()
                try await claimed.worker.settle(claimed.job.ended())
            },
            Check("An abandoned process is fenced at once, and its jobs come back in order; asked twice or late") {
                bench in
                let keeper = try await bench.worker("k:1:a")
                try await bench.pass(.seconds(9), beating: keeper)
                try await bench.push("a", "b", "c")
                let worker = try await bench.worker("w:1:a")
                let held = try await worker.claim(2)
                try await bench.store.abandon(worker.process)
                try await bench.store.abandon(worker.process)
                try await worker.expectFenced(held.map { $0.ended() })
                try await bench.rescueAll()
                try await bench.store.abandon(worker.process)
                try expect("in flight", try await bench.store.counts().inFlight, is: 0)
                try await bench.expectQueue(["a", "b", "c"])
                try await worker.expectFenced(held.map { $0.ended() })
            },
            Check("Abandoning a process that nobody knows, or that has left, does nothing") { bench in
                let worker = try await bench.worker("w:1:a")
                try await bench.store.abandon(ProcessID(rawValue: "never:1:seen"))
                _ = try await bench.store.leave(worker.process)
                try await bench.store.abandon(worker.process)
                try expect("in flight", try await bench.store.counts().inFlight, is: 0)
                let other = try await bench.worker("w:2:b")
                try await bench.pass(.seconds(9), beating: other)
                try expect("ended", try await bench.store.rescue().ended, is: [])
            },
        ]
    }
}

extension Bench {
    func pushAndClaim(_ payload: String, by name: String) async throws -> (worker: BenchWorker, job: Claimed) {
        try await self.push(payload, to: "of \(name)")
        let worker = try await self.worker(name)
        return (worker, try await worker.claimOne(from: .queue("of \(name)")))
    }
}
