import Wingman

extension StoreConformance {
    /// Ends of claims.
    static var settling: [Check] {
        [
            Check("A job that is done is gone, and counted once") { bench in
                let (worker, claimed) = try await bench.oneClaimed()
                try await worker.settle(claimed.ended())
                let counts = try await bench.store.counts()
                try expect("counts", counts.places, is: [:])
                try expect("processed, failed", [counts.processed, counts.failed], is: [1, 0])
            },
            Check("A failed job goes to the retry set with its new payload, due after its delay by the store's clock") {
                bench in
                let (worker, claimed) = try await bench.oneClaimed()
                try await worker.settle(
                    claimed.ended(.retry(payload: "again".bytes, delay: .seconds(30)), tally: .failed)
                )
                try await bench.expectDelayed("again", in: .retry)
                let counts = try await bench.store.counts()
                try expect("processed, failed", [counts.processed, counts.failed], is: [1, 1])
            },
            Check("A snoozed job goes to the schedule, due after its delay by the store's clock") { bench in
                let (worker, claimed) = try await bench.oneClaimed()
                try await worker.settle(claimed.ended(.schedule(payload: "later".bytes, delay: .seconds(30))))
                try await bench.expectDelayed("later", in: .schedule)
                let counts = try await bench.store.counts()
                try expect("processed, failed", [counts.processed, counts.failed], is: [1, 0])
            },
            Check("A message for later is due after its delay, and delivered to its list") { bench in
                let (worker, claimed) = try await bench.oneClaimed()
                let later = Disposition.later(list: "requests", payload: "later".bytes, delay: .seconds(30))
                try await worker.settle(claimed.ended(later, tally: .none))
                try await bench.expectDelayed("later", in: .later("requests"))
                try expect("of another list", try await bench.store.due(in: .later("x"), limit: 5).entries.count, is: 0)
                try expect("places", try await bench.store.counts().places, is: [:])
                let entry = try await bench.firstDue(.later("requests"))
                let delivery = [Promotion.deliver(entry: entry, list: "requests", payload: "again".bytes)]
                try expect("moved", try await bench.store.promote(delivery, from: .later("requests")), is: 1)
                try expect("moved again", try await bench.store.promote(delivery, from: .later("requests")), is: 0)
                try await bench.expectQueue(["again"], .list("requests"))
            },
            Check("A delay of zero, or less, is due at once; one of a thousand years is not") { bench in
                try await bench.push("a", "b", "c")
                let worker = try await bench.worker("w:1:a")
                let delays: [Duration] = [.zero, .seconds(-5), .seconds(31_536_000_000)]
                let claimed = try await worker.claim(3)
                try await worker.settle(
                    zip(claimed, delays).map { $0.ended(.retry(payload: $0.payload, delay: $1), tally: .failed) }
                )
                let due = try await bench.store.due(in: .retry, limit: 10).entries.map(\.text)
                try expect("due", due.sorted(), is: ["a", "b"])
            },
            Check("A dead job is kept") { bench in
                let (worker, claimed) = try await bench.oneClaimed()
                try await worker.settle(claimed.ended(.dead(payload: "dead".bytes), tally: .failed))
                let counts = try await bench.store.counts()
                try expect("dead, in flight", [counts.dead, counts.inFlight], is: [1, 0])
                try expect("processed, failed", [counts.processed, counts.failed], is: [1, 1])
            },
            Check("A message may be appended to another list, behind what is there") { bench in
                try await bench.push("a", "b", "c")
                let worker = try await bench.worker("w:1:a")
                for name in ["x", "y", "z"] {
                    let claimed = try await worker.claimOne()
                    try await worker.settle(claimed.ended(.append(list: "letters", payload: name.bytes), tally: .none))
                }
                try expect("processed", try await bench.store.counts().processed, is: 0)
                try await bench.expectQueue(["x", "y", "z"], .list("letters"))
            },
            Check("A token is valid once: after that it is stale, and changes nothing", Self.stale),
            Check("A token of another process is stale") { bench in
                let (_, claimed) = try await bench.oneClaimed()
                let thief = try await bench.worker("t:1:a")
                let settlements = [
                    claimed.ended(), claimed.ended(.giveBack, tally: .none),
                    claimed.ended(.dead(payload: claimed.payload)),
                ]
                try expect("answers", try await thief.answers(settlements), is: [.stale, .stale, .stale])
                let counts = try await bench.store.counts()
                try expect("in flight, dead", [counts.inFlight, counts.dead], is: [1, 0])
                try expect("processed", counts.processed, is: 0)
            },
            Check("A job that was rescued is acknowledged by its new owner alone", Self.oneAcknowledgement),
            Check("Equal jobs, failed in one step with one delay, stay two") { bench in
                try await bench.push("twin", "twin", "twin")
                let worker = try await bench.worker("w:1:a")
                let claimed = try await worker.claim(3)
                try await worker.settle(
                    claimed.map { $0.ended(.retry(payload: $0.payload, delay: .zero), tally: .failed) }
                )
                let due = try await bench.store.due(in: .retry, limit: 10).entries
                try expect("due", due.count, is: 3)
                try await worker.settle([])
                let promotions = due.map { Promotion.push(entry: $0, queue: "default", payload: "twin".bytes) }
                try expect("moved", try await bench.store.promote(promotions, from: .retry), is: 3)
                try await bench.expectQueue(["twin", "twin", "twin"])
            },
            Check(
                "A settlement whose destination cannot be written keeps its token and touches no other",
                Self.unwritable
            ),
            Check("Five hundred settlements and claims are one step") { bench in
                let jobs = (0..<1_000).map { "job \($0)" }
                try await bench.push(jobs)
                let worker = try await bench.worker("w:1:a")
                let first = try await worker.claim(500)
                let step = try await worker.done(worker.nextStep(first.map { $0.ended() }, claim: 500))
                try expect("claimed", (first + step.claimed).map(\.text), is: jobs)
                try expect("answers", step.answers.filter { $0 == .settled }.count, is: 500)
            },
        ]
    }

    @Sendable private static func stale(_ bench: Bench) async throws {
        let (worker, claimed) = try await bench.oneClaimed()
        let twice = try await worker.answers([
            claimed.ended(), claimed.ended(.dead(payload: "x".bytes), tally: .failed),
        ])
        try expect("twice in one step", twice, is: [.settled, .stale])
        let dispositions: [Disposition] = [
            .done, .giveBack, .retry(payload: "x".bytes, delay: .zero), .schedule(payload: "x".bytes, delay: .zero),
            .dead(payload: "x".bytes), .append(list: "letters", payload: "x".bytes),
            .later(list: "letters", payload: "x".bytes, delay: .zero),
        ]
        let late = try await worker.answers(dispositions.map { claimed.ended($0, tally: .failed) })
        try expect("late", late, is: dispositions.map { _ in .stale })
        let foreign = ["", "1:1:1:1:queue:default", "claim-1", "-1", "a:b:c:d:e", "\u{0}"].map {
            Settlement(token: Token(rawValue: $0), disposition: .giveBack, tally: .processed)
        }
        try expect("invented", try await worker.answers(foreign), is: foreign.map { _ in .stale })
        let counts = try await bench.store.counts()
        try expect("places", counts.places, is: [:])
        try expect("processed, failed", [counts.processed, counts.failed], is: [1, 0])
    }

    @Sendable private static func oneAcknowledgement(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        let (worker, first) = try await bench.oneClaimed()
        try await bench.expireAll(but: keeper)
        try await bench.rescueAll()
        try await worker.expectFenced([first.ended()])
        let second = try await keeper.claimOne()
        try expect("job", second.text, is: first.text)
        try expect(second.token != first.token, "two claims have one token")
        try expect("the old token", try await keeper.answers([first.ended()]), is: [.stale])
        try await keeper.settle(second.ended())
        try await worker.expectFenced([first.ended(), second.ended()])
        let counts = try await bench.store.counts()
        try expect("processed", counts.processed, is: 1)
        try expect("places", counts.places, is: [:])
    }

    @Sendable private static func unwritable(_ bench: Bench) async throws {
        let cases: [(Place, @Sendable (Claimed) -> Disposition)] = [
            (.list("broken"), { .append(list: "broken", payload: $0.payload) }),
            (.retry, { .retry(payload: $0.payload, delay: .zero) }),
            (.schedule, { .schedule(payload: $0.payload, delay: .zero) }), (.dead, { .dead(payload: $0.payload) }),
            (.later("broken"), { .later(list: "broken", payload: $0.payload, delay: .zero) }),
        ]
        let worker = try await bench.worker("w:1:a")
        for (place, disposition) in cases {
            try await bench.under(.unwritable(place)) {
                try await bench.push("a", "b", "c")
                let held = try await worker.claim(3)
                let broken = held[1].ended(disposition(held[1]), tally: .failed)
                let answers = try await worker.answers([held[0].ended(), broken, held[2].ended()])
                try expect("others of \(place)", [answers[0], answers[2]], is: [.settled, .settled])
                guard case .failed(let reason) = answers[1] else {
                    throw ConformanceFailure("a settlement to \(place), which cannot be written: \(answers[1])")
                }
                try expect(!reason.isEmpty, "a failed settlement gives no reason")
                try expect("in flight", try await bench.store.counts().inFlight, is: 1)
                try expect("failed", try await bench.store.counts().failed, is: 0)
                try await worker.settle(held[1].ended())
            }
        }
    }
}

extension Bench {
    /// A worker that holds one job.
    func oneClaimed(_ payload: String = "job") async throws -> (worker: BenchWorker, claimed: Claimed) {
        try await self.push(payload)
        let worker = try await self.worker("w:1:a")
        return (worker, try await worker.claimOne())
    }

    /// Fails unless `payload` is alone in `set` and due in 30 s.
    func expectDelayed(_ payload: String, in set: DueSet, file: String = #fileID, line: Int = #line) async throws {
        let early = try await self.store.due(in: set, limit: 10)
        try expect("due early", early.entries.map(\.text), is: [], file: file, line: line)
        guard let wait = early.nextDue, wait > .seconds(20), wait <= .seconds(30) else {
            throw ConformanceFailure("next due in \(String(describing: early.nextDue))", file: file, line: line)
        }
        try await self.fixture.advance(by: .seconds(31))
        let late = try await self.store.due(in: set, limit: 10)
        try expect("due", late.entries.map(\.text), is: [payload], file: file, line: line)
    }
}

extension StoreCounts {
    /// How many are where, without what is empty and without statistics.
    var places: [String: Int] {
        var places = self.queues.reduce(into: [:]) { $0["queue \($1.key)"] = $1.value }
        places["in flight"] = self.inFlight
        places["schedule"] = self.scheduled
        places["retry"] = self.retries
        places["dead"] = self.dead
        places["quarantine"] = self.quarantined
        return places.filter { $0.value != 0 }
    }
}
