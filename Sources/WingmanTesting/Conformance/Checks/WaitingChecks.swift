import Wingman

extension StoreConformance {
    /// Idle workers.
    static var waiting: [Check] {
        [
            Check("A wait for what is there is over, and the next step claims it") { bench in
                try await bench.push("a")
                let worker = try await bench.worker("w:1:a")
                try await bench.untilNews(worker)
                try expect("claimed", try await worker.claimOne().text, is: "a")
            },
            Check("A wait ends without a result when its time is up") { bench in
                let worker = try await bench.worker("w:1:a")
                let found = try await bench.store.wait(
                    for: [.queue("default")],
                    process: worker.process,
                    timeout: .milliseconds(30)
                )
                try expect(!found, "a wait for nothing found something")
            },
            Check("A push wakes who waits, from any store on the same data", Self.woken),
            Check("What is given back, promoted or appended wakes who waits for it", Self.wokenByOthers),
            Check("A wait under no lease is over: the step says why") { bench in
                let found = try await bench.store.wait(
                    for: [.queue("default")],
                    process: ProcessID(rawValue: "never:1:seen"),
                    timeout: .seconds(20)
                )
                try expect(found, "a wait without a lease ran")
            },
            Check("A process that stops waiting waits no more, and what had come for it runs elsewhere", Self.stopped),
            Check("What came for a process that died before its step is not lost") { bench in
                let keeper = try await bench.worker("k:1:a")
                let worker = try await bench.worker("w:1:a")
                try await bench.push("a", "b")
                try await bench.untilNews(worker)
                try await bench.expireAll(but: keeper)
                try await bench.rescueAll()
                try await worker.expectFenced()
                try await bench.expectQueue(["a", "b"])
            },
            Check("A push to a paused queue wakes nobody, and stays there") { bench in
                let worker = try await bench.worker("w:1:a")
                try await bench.store.setPaused(true, queue: "default")
                try await bench.push("a")
                let found = try await bench.store.wait(
                    for: [.queue("default")],
                    process: worker.process,
                    timeout: .milliseconds(30)
                )
                try expect(!found, "a wait for a paused queue found something")
                try expect("claimed", try await worker.claim(1).count, is: 0)
                try await bench.store.setPaused(false, queue: "default")
                try await bench.untilNews(worker)
                try expect("claimed", try await worker.claim(1).map(\.text), is: ["a"])
            },
            Check("Waiting and claiming change no order") { bench in
                let worker = try await bench.worker("w:1:a")
                var claimed: [String] = []
                for round in 0..<10 {
                    try await bench.push("\(round) a", "\(round) b")
                    try await bench.untilNews(worker)
                    let some = try await worker.claim(2)
                    claimed += some.map(\.text)
                    try await worker.settle(some.map { $0.ended() })
                }
                try expect("claimed", claimed, is: (0..<10).flatMap { ["\($0) a", "\($0) b"] })
            },
        ]
    }

    @Sendable private static func woken(_ bench: Bench) async throws {
        let other = try await bench.fixture.open()
        let worker = try await bench.worker("w:1:a")
        for round in 0..<10 {
            let pusher = round.isMultiple(of: 2) ? bench.store : other
            async let news: Void = bench.untilNews(worker, [.queue("absent"), .queue("default")])
            for _ in 0..<round { await Task.yield() }
            try await pusher.enqueue([PushedJob(queue: "default", payload: "\(round)".bytes)])
            try await news
            let claimed = try await worker.claimOne()
            try expect("claimed", claimed.text, is: "\(round)")
            try await worker.settle(claimed.ended())
        }
        await other.close()
    }

    @Sendable private static func wokenByOthers(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        try await bench.push("given back", to: "q")
        let helper = try await bench.worker("h:1:a")
        let held = try await helper.claimOne(from: .queue("q"))
        async let first: Void = bench.untilNews(worker, [.queue("q")])
        try await helper.settle(held.ended(.giveBack, tally: .none))
        try await first
        try await worker.settle(try await worker.claimOne(from: .queue("q")).ended())

        try await bench.delay("promoted", in: .schedule, by: .zero)
        let entry = try await bench.firstDue(.schedule)
        async let second: Void = bench.untilNews(worker, [.queue("q")])
        _ = try await bench.store.promote([.push(entry: entry, queue: "q", payload: entry)], from: .schedule)
        try await second
        try await worker.settle(try await worker.claimOne(from: .queue("q")).ended())

        try await bench.push("moved", to: "other")
        let job = try await helper.claimOne(from: .queue("other"))
        async let third: Void = bench.untilNews(worker, [.list("letters")])
        try await helper.settle(job.ended(.append(list: "letters", payload: job.payload), tally: .none))
        try await third
        try expect("claimed", try await worker.claimOne(from: .list("letters")).text, is: "moved")
    }

    @Sendable private static func stopped(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        let process = worker.process
        async let ended = bench.store.wait(for: [.queue("default")], process: process, timeout: .seconds(20))
        for _ in 0..<5 { await Task.yield() }
        try await bench.store.stopWaiting(process: process)
        try expect(try await !ended, "a wait that was stopped found something")
        try await bench.store.stopWaiting(process: process)
        let late = try await bench.store.wait(for: [.queue("default")], process: process, timeout: .seconds(20))
        try expect(!late, "a process that stopped waiting waits again")

        let second = try await bench.worker("w:2:b")
        try await bench.push("a", "b")
        try await bench.untilNews(second)
        try await bench.store.stopWaiting(process: second.process)
        try expect("in flight", try await bench.store.counts().inFlight, is: 0)
        try expect(try await bench.store.leave(second.process), "it holds nothing and may not leave")
        try await bench.expectQueue(["a", "b"])
    }
}

extension Bench {
    /// Waits until there is something for `worker`. A wait may end early without a result, so it is asked again.
    func untilNews(_ worker: BenchWorker, _ sources: [Source] = [.queue("default")]) async throws {
        for _ in 0..<20 {
            if try await self.store.wait(for: sources, process: worker.process, timeout: .seconds(2)) { return }
        }
        throw ConformanceFailure("waiting for \(sources) ended twenty times without a result")
    }
}
