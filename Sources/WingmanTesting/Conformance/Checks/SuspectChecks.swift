import Wingman

extension StoreConformance {
    /// Jobs that were in flight when a process died.
    static var suspects: [Check] {
        [
            Check("What was in flight when a process died is suspected of it, once, and its next claim says so") {
                bench in
                let keeper = try await bench.worker("k:1:a")
                let (_, first) = try await bench.oneClaimed("a")
                try expect("crashes of a new job", first.crashes, is: 0)
                try await bench.push("never claimed")
                try await bench.bringDown(besides: keeper)
                let claimed = try await keeper.claim(5)
                try expect("claimed", claimed.map(\.text), is: ["a", "never claimed"])
                try expect("crashes", claimed.map(\.crashes), is: [1, 0])
            },
            Check("A repeated step answers the same crashes") { bench in
                let keeper = try await bench.worker("k:1:a")
                _ = try await bench.oneClaimed("a")
                try await bench.bringDown(besides: keeper)
                let step = keeper.nextStep(claim: 1)
                for _ in 0..<2 {
                    try expect("crashes", try await keeper.done(step).claimed.map(\.crashes), is: [1])
                }
            },
            Check("Only a death while it ran alone counts again; the third crash is quarantine", Self.quarantine),
            Check("Isolation is for the token it names: a later one replaces it, the other is innocent", Self.innocent),
            Check("Isolation that has ended convicts nobody", Self.released),
            Check("Isolation ends with its job: what is claimed after it has not run alone", Self.successor),
            Check("Any settlement but a give-back clears a suspicion", Self.cleared),
            Check("A process that gave itself up convicts nobody") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, claimed) = try await bench.oneClaimed("a")
                try expect(try await bench.store.isolate(claimed.token, process: worker.process), "it is not isolated")
                try await bench.store.abandon(worker.process)
                try await bench.bringDown(besides: keeper)
                try expect("crashes", try await keeper.claimOne().crashes, is: 0)
            },
            Check("The loss of a whole machine convicts nobody; a death beside a living process does", Self.nodeLoss),
            Check("A suspicion is forgotten 72 hours after the last crash") { bench in
                let keeper = try await bench.worker("k:1:a")
                _ = try await bench.oneClaimed("a")
                try await bench.bringDown(besides: keeper)
                try await bench.fixture.advance(by: .seconds(71 * 3_600))
                let worker = try await bench.worker("w:2:b")
                let suspected = try await worker.claimOne()
                try expect("crashes after 71 hours", suspected.crashes, is: 1)
                try await worker.settle(suspected.ended(.giveBack, tally: .none))
                try await bench.fixture.advance(by: .seconds(2 * 3_600))
                let later = try await bench.worker("w:3:c")
                try expect("crashes after 73 hours", try await later.claimOne().crashes, is: 0)
            },
            Check(
                "A message goes back with its third crash, instead of into quarantine, and counts no more",
                Self.message
            ),
            Check("A message of three crashes that became a job is put into quarantine by the next", Self.becameJob),
            Check("A crash that does not count does not lengthen a suspicion either") { bench in
                let keeper = try await bench.worker("k:1:a")
                _ = try await bench.oneClaimed("a")
                try await bench.bringDown(besides: keeper)
                try await bench.fixture.advance(by: .seconds(71 * 3_600))
                let second = try await bench.worker("k:2:a")
                try expect("crashes after 71 hours", try await bench.worker("w:2:b").claimOne().crashes, is: 1)
                try await bench.bringDown(besides: second)
                try await bench.fixture.advance(by: .seconds(2 * 3_600))
                let later = try await bench.worker("w:3:c")
                try expect("crashes after 73 hours", try await later.claimOne().crashes, is: 0)
            },
            Check("Only what a process holds can be isolated") { bench in
                let (worker, claimed) = try await bench.oneClaimed("a")
                let other = try await bench.worker("w:2:b")
                let store = bench.store
                try expect(
                    try await !store.isolate(claimed.token, process: other.process),
                    "another's token was isolated"
                )
                try expect(
                    try await !store.isolate(Token(rawValue: "x"), process: worker.process),
                    "an invented token was isolated"
                )
                for _ in 0..<2 {
                    try expect(try await store.isolate(claimed.token, process: worker.process), "it is not isolated")
                }
                try await worker.settle(claimed.ended())
                try expect(
                    try await !store.isolate(claimed.token, process: worker.process),
                    "a settled token was isolated"
                )
                try await bench.store.abandon(other.process)
                try expect(
                    try await !store.isolate(claimed.token, process: other.process),
                    "a token was isolated for a fenced process"
                )
            },
        ]
    }

    @Sendable private static func quarantine(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        _ = try await bench.oneClaimed("a")
        try await bench.bringDown(besides: keeper)
        // Not alone: counts nothing.
        let careless = try await bench.worker("w:2:b")
        try expect("crashes", try await careless.claimOne().crashes, is: 1)
        try await bench.bringDown(besides: keeper)
        for (round, expected) in [1, 2].enumerated() {
            let worker = try await bench.worker("w:alone:\(round)")
            let claimed = try await worker.claimOne()
            try expect("crashes", claimed.crashes, is: expected)
            try expect(try await bench.store.isolate(claimed.token, process: worker.process), "it is not isolated")
            let reply = try await bench.bringDown(besides: keeper)
            try expect("quarantined", reply.reduce(0) { $0 + $1.quarantined }, is: expected - 1)
            try expect("moved", reply.reduce(0) { $0 + $1.moved }, is: 2 - expected)
        }
        try expect("places", try await bench.store.counts().places, is: ["quarantine": 1])
        let entries = try await bench.store.entries(in: .quarantine, from: 0, limit: 5)
        try expect("quarantined", entries.map(\.payload.text), is: ["a"])
        try expect("claimed", try await keeper.claim(5).count, is: 0)
        // Let out by hand, it is innocent until it kills again.
        let out = EntryEdit.move(entries[0], to: .queue("default"), as: Entry(payload: "a".bytes))
        try expect("let out", try await bench.store.edit([out], in: .quarantine), is: 1)
        try expect("crashes", try await keeper.claimOne().crashes, is: 0)
    }

    @Sendable private static func innocent(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        try await bench.push("a", "b")
        _ = try await bench.worker("w:1:a").claim(2)
        try await bench.bringDown(besides: keeper)
        let worker = try await bench.worker("w:2:b")
        let held = try await worker.claim(2)
        for claimed in held {
            try expect(try await bench.store.isolate(claimed.token, process: worker.process), "it is not isolated")
        }
        try await bench.bringDown(besides: keeper)
        let claimed = try await keeper.claim(2)
        try expect("claimed", claimed.map(\.text), is: ["a", "b"])
        try expect("crashes", claimed.map(\.crashes), is: [1, 2])
    }

    @Sendable private static func released(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        _ = try await bench.oneClaimed("a")
        try await bench.bringDown(besides: keeper)
        let worker = try await bench.worker("w:2:b")
        let claimed = try await worker.claimOne()
        try expect(try await bench.store.isolate(claimed.token, process: worker.process), "it is not isolated")
        for _ in 0..<2 {
            try expect(try await bench.store.isolate(nil, process: worker.process), "its isolation does not end")
        }
        try await bench.bringDown(besides: keeper)
        try expect("crashes", try await keeper.claimOne().crashes, is: 1)
        try expect(
            try await !bench.store.isolate(nil, process: worker.process),
            "isolation ended in a process that has no lease"
        )
    }

    @Sendable private static func successor(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        for (round, isAtOnce) in [true, false].enumerated() {
            try await bench.push("alone", "next")
            _ = try await bench.worker("w:\(round):a").claim(2)
            try await bench.bringDown(besides: keeper)
            let worker = try await bench.worker("w:\(round):b")
            let alone = try await worker.claimOne()
            try expect(try await bench.store.isolate(alone.token, process: worker.process), "it is not isolated")
            // By the step that settles it, or by a later one.
            if !isAtOnce { try await worker.settle(alone.ended()) }
            let settlements = isAtOnce ? [alone.ended()] : []
            let next = try await worker.done(worker.nextStep(settlements, claim: 1)).claimed
            try expect("claimed", next.map(\.text), is: ["next"])
            try await bench.bringDown(besides: keeper)
            let last = try await keeper.claimOne()
            try expect("crashes", last.crashes, is: 1)
            try await keeper.settle(last.ended())
        }
    }

    @Sendable private static func cleared(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        let cases: [(name: String, disposition: Disposition, back: Promotion?, crashes: Int)] = [
            ("a", .giveBack, nil, 1),
            ("b", .retry(payload: "b".bytes, delay: .zero), .push(entry: "b".bytes, queue: "b", payload: "b".bytes), 0),
            (
                "c", .schedule(payload: "c".bytes, delay: .zero),
                .push(entry: "c".bytes, queue: "c", payload: "c".bytes), 0
            ),
        ]
        for item in cases {
            try await bench.push(item.name, to: item.name)
            _ = try await bench.worker("w:\(item.name):1").claim(1, from: [.queue(item.name)])
            try await bench.bringDown(besides: keeper)
            let suspected = try await keeper.claimOne(from: .queue(item.name))
            try expect("crashes of \(item.name)", suspected.crashes, is: 1)
            try await keeper.settle(suspected.ended(item.disposition, tally: .none))
            if let back = item.back {
                let set: DueSet = item.name == "b" ? .retry : .schedule
                try expect("promoted", try await bench.store.promote([back], from: set), is: 1)
            }
            let again = try await keeper.claimOne(from: .queue(item.name))
            try expect("crashes of \(item.name) after \(item.disposition)", again.crashes, is: item.crashes)
            try await keeper.settle(again.ended())
            try await bench.push(item.name, to: item.name)
            let fresh = try await keeper.claimOne(from: .queue(item.name))
            try expect("crashes after it was done", fresh.crashes, is: 0)
            try await keeper.settle(fresh.ended())
        }
    }

    @Sendable private static func nodeLoss(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        for (index, name) in ["lost:1:a", "lost:2:b", "half:1:a", "half:2:b"].enumerated() {
            try await bench.push("job \(index)", to: "queue \(index)")
            _ = try await bench.worker(name).claim(1, from: [.queue("queue \(index)")])
        }
        let survivor = try await bench.worker("half:3:c")
        try await bench.pass(Bench.lease + .seconds(3), beating: keeper, survivor)
        try expect("ended", try await bench.rescueAll().flatMap(\.ended).count, is: 4)
        var crashes: [Int] = []
        for index in 0..<4 { crashes.append(try await keeper.claimOne(from: .queue("queue \(index)")).crashes) }
        try expect("crashes", crashes, is: [0, 0, 1, 1])
    }

    @Sendable private static func message(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        try await bench.change(.append(list: "requests", payload: "m".bytes))
        for (round, expected) in [0, 1, 2, 3, 3, 3].enumerated() {
            let worker = try await bench.worker("w:\(round):a")
            let claimed = try await worker.claimOne(from: .list("requests"))
            try expect("crashes", claimed.crashes, is: expected)
            try expect(try await bench.store.isolate(claimed.token, process: worker.process), "it is not isolated")
            let replies = try await bench.bringDown(besides: keeper)
            try expect("moved", replies.reduce(0) { $0 + $1.moved }, is: 1)
        }
        try expect("quarantined", try await bench.store.counts().quarantined, is: 0)
    }

    @Sendable private static func becameJob(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        try await bench.change(.append(list: "requests", payload: "m".bytes))
        for round in 0..<3 {
            let worker = try await bench.worker("w:\(round):a")
            let claimed = try await worker.claimOne(from: .list("requests"))
            _ = try await bench.store.isolate(claimed.token, process: worker.process)
            try await bench.bringDown(besides: keeper)
        }
        let entry = Entry(payload: "m".bytes)
        let moved = try await bench.store.edit([.move(entry, to: .queue("default"), as: entry)], in: .list("requests"))
        try expect("moved", moved, is: 1)
        // A machine that is lost convicts nothing, not even now.
        for name in ["lost:1:a", "lost:2:b"] { _ = try await bench.worker(name).claim(1) }
        try expect("after the loss", try await bench.bringDown(besides: keeper).last?.quarantined, is: 0)
        try expect("crashes", try await bench.worker("w:9:a").claimOne().crashes, is: 3)
        let replies = try await bench.bringDown(besides: keeper)
        try expect("quarantined", replies.reduce(0) { $0 + $1.quarantined }, is: 1)
    }
}

extension Bench {
    /// Lets all leases but the keeper's run out and rescues.
    @discardableResult
    func bringDown(besides keeper: BenchWorker) async throws -> [RescueReply] {
        try await self.expireAll(but: keeper)
        return try await self.rescueAll()
    }
}
