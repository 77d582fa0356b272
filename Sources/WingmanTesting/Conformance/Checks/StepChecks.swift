import Wingman

extension StoreConformance {
    /// Exactly once per process, lane and number.
    static var steps: [Check] {
        [
            Check("A step sent again gives the same answer and does nothing again", Self.repeated),
            Check("A step sent again through another store gives the same answer") { bench in
                try await bench.push("a", "b", "c")
                let worker = try await bench.worker("w:1:a")
                let step = worker.nextStep(claim: 2)
                let first = try await worker.done(step)
                let other = try await bench.fixture.open()
                let again = try await BenchWorker("w:1:a", store: other).done(step)
                await other.close()
                try expect("claimed again", again.claimed.map(\.token), is: first.claimed.map(\.token))
                try expect("in flight", try await bench.store.counts().inFlight, is: 2)
            },
            Check("A repeated step does not hand out what was settled since by another lane") { bench in
                try await bench.push("a", "b")
                let worker = try await bench.worker("w:1:a")
                let step = worker.nextStep(claim: 2)
                let first = try await worker.done(step).claimed
                try await worker.settle(first[0].ended(), lane: 2)
                try expect("claimed again", try await worker.done(step).claimed.map(\.text), is: ["b"])
                try expect("still settled", try await worker.answers([first[0].ended()]), is: [.stale])
            },
            Check("A step that does not follow its last is a gap, and changes nothing", Self.gap),
            Check("Lanes count by themselves; a beat tells their numbers") { bench in
                let worker = try await bench.worker("w:1:a")
                for _ in 0..<3 { _ = try await worker.claim(1) }
                for _ in 0..<2 { _ = try await worker.claim(1, lane: 7) }
                try expect("lanes", try await worker.beat().lanes, is: [1: 3, 7: 2])
                let other = try await bench.worker("w:2:b")
                try expect("lanes of another", try await other.beat().lanes, is: [:])
            },
            Check("A step whose lease had run out is answered the same again") { bench in
                let worker = try await bench.worker("w:1:a")
                try await bench.push("a")
                try await bench.fixture.advance(by: Bench.lease + .seconds(1))
                let step = worker.nextStep(claim: 1)
                let first = try await worker.done(step)
                let again = try await worker.done(step)
                try expect("lease has run out", [first.leaseExpired, again.leaseExpired], is: [true, true])
            },
            Check("A step that was on its way when its process was fenced is answered fenced, and changes nothing") {
                bench in
                try await bench.push("a", "b")
                let keeper = try await bench.worker("k:1:a")
                let worker = try await bench.worker("w:1:a")
                let claimed = try await worker.claimOne()
                let late = worker.nextStep([claimed.ended(.dead(payload: claimed.payload), tally: .failed)], claim: 1)
                try await bench.expireAll(but: keeper)
                try await bench.rescueAll()
                for _ in 0..<2 {
                    guard case .fenced = try await bench.store.step(late) else {
                        throw ConformanceFailure("the step of a fenced process was carried out")
                    }
                }
                let counts = try await bench.store.counts()
                try expect("dead, in flight, failed", [counts.dead, counts.inFlight, counts.failed], is: [0, 0, 0])
                try await bench.expectQueue(["a", "b"])
            },
            Check(
                "A step whose connection is lost under way can be sent again: it was carried out once or not",
                Self.cut
            ),
        ]
    }

    @Sendable private static func repeated(_ bench: Bench) async throws {
        try await bench.push("a", "b", "c", "d")
        let worker = try await bench.worker("w:1:a")
        let held = try await worker.claim(2)
        let step = worker.nextStep(
            [
                held[0].ended(.retry(payload: "a2".bytes, delay: .seconds(60)), tally: .failed), held[1].ended(),
                Settlement(token: Token(rawValue: "unknown"), disposition: .done, tally: .processed),
            ],
            claim: 1
        )
        let first = try await worker.done(step)
        try expect("answers", first.answers, is: [.settled, .settled, .stale])
        let before = try await bench.store.counts()
        for _ in 0..<3 {
            let again = try await worker.done(step)
            try expect("answers again", again.answers, is: first.answers)
            try expect("claimed again", again.claimed.map(\.token), is: first.claimed.map(\.token))
            try expect("payloads again", again.claimed.map(\.payload), is: first.claimed.map(\.payload))
            try expect("sources again", again.claimed.map(\.source), is: first.claimed.map(\.source))
        }
        try expect("counts", try await bench.store.counts(), is: before)
        try expect("processed", before.processed, is: 2)
        try expect("failed", before.failed, is: 1)
        try expect("the next", try await worker.claim(5).map(\.text), is: ["d"])
    }

    @Sendable private static func gap(_ bench: Bench) async throws {
        try await bench.push("a", "b")
        let worker = try await bench.worker("w:1:a")
        let claimed = try await worker.claimOne()
        _ = try await worker.claim(0)
        let before = try await bench.store.counts()
        for number in [1, 4, 100] {
            var step = worker.nextStep([claimed.ended()], claim: 1)
            step.number = number
            guard case .gap(let last) = try await bench.store.step(step) else {
                throw ConformanceFailure("step \(number) after 2 was carried out")
            }
            try expect("last", last, is: 2)
        }
        var fresh = worker.nextStep([claimed.ended()], claim: 1, lane: 9)
        fresh.number = 2
        guard case .gap(0) = try await bench.store.step(fresh) else {
            throw ConformanceFailure("step 2 of a new lane was carried out")
        }
        try expect("counts", try await bench.store.counts(), is: before)
        try await worker.settle(claimed.ended())
    }

    /// The store is closed while the step is under way: its fate is unknown, and a second one asks with the same number.
    @Sendable private static func cut(_ bench: Bench) async throws {
        let jobs = (0..<40).map { "job \($0)" }
        try await bench.push(jobs)
        let worker = try await bench.worker("w:1:a")
        var held: [Claimed] = []
        var done: [String] = []
        for round in 0..<20 {
            let step = worker.nextStep(held.map { $0.ended() }, claim: 2)
            let doomed = try await bench.fixture.open()
            async let lost: StepReply? = try? doomed.step(step)
            // From "not sent" to "answered": the moment differs from round to round.
            for _ in 0..<round { await Task.yield() }
            await doomed.close()
            _ = await lost
            let reply = try await worker.done(step)
            try expect("answers", reply.answers, is: held.map { _ in .settled })
            done += held.map(\.text)
            held = reply.claimed
        }
        try await worker.settle(held.map { $0.ended() })
        try expect("done", done + held.map(\.text), is: jobs)
        let counts = try await bench.store.counts()
        try expect("processed", counts.processed, is: 40)
        try expect("in flight", counts.inFlight, is: 0)
    }
}
