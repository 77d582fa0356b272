import Wingman

extension StoreConformance {
    /// Back to the head, as if never claimed.
    static var givingBack: [Check] {
        [
            Check("A clock that is set back between claims changes nothing of the order in which they go back") {
                bench in
                let keeper = try await bench.worker("k:1:a")
                let worker = try await bench.worker("w:1:a")
                try await bench.push("a", "b", "c", "d")
                for isRescued in [false, true] {
                    let first = try await worker.claim(2)
                    try await bench.fixture.advance(by: .seconds(-40))
                    let held = first + (try await worker.claim(2, lane: 2))
                    try expect("claimed", held.map(\.text), is: ["a", "b", "c", "d"])
                    if isRescued {
                        try await keeper.beat()
                        try await bench.bringDown(besides: keeper)
                    } else {
                        try await worker.settle(held.map { $0.ended(.giveBack, tally: .none) })
                    }
                }
                try await bench.expectQueue(["a", "b", "c", "d"])
            },
            Check("A job given back is the next to run, unchanged, and counts nothing") { bench in
                try await bench.push("a", "b")
                let worker = try await bench.worker("w:1:a")
                try await worker.settle(try await worker.claimOne().ended(.giveBack, tally: .none))
                let counts = try await bench.store.counts()
                try expect("processed, failed", [counts.processed, counts.failed], is: [0, 0])
                try expect("in flight", counts.inFlight, is: 0)
                try await bench.expectQueue(["a", "b"])
            },
            Check("Jobs given back in any order run in the old one, before what was left") { bench in
                try await bench.push((1...12).map { "\($0)" })
                let worker = try await bench.worker("w:1:a")
                var held = try await worker.claim(4)
                // Newer is what was claimed later by the clock.
                try await bench.fixture.advance(by: .milliseconds(1))
                held += try await worker.claim(3, lane: 2)
                try await bench.fixture.advance(by: .milliseconds(1))
                held += try await worker.claim(2)
                let shuffled = [3, 8, 0, 5, 1, 7, 2, 6, 4].map { held[$0].ended(.giveBack, tally: .none) }
                try await worker.settle(shuffled)
                try await bench.expectQueue((1...12).map { "\($0)" })
            },
            Check("Jobs of several queues go back to their own") { bench in
                try await bench.push("a", "b", to: "one")
                try await bench.push("c", "d", to: "two")
                let worker = try await bench.worker("w:1:a")
                let held = try await worker.claim(3, from: [.queue("one"), .queue("two")])
                try await worker.settle(held.map { $0.ended(.giveBack, tally: .none) })
                try await bench.expectQueue(["a", "b"], .queue("one"))
                try await bench.expectQueue(["c", "d"], .queue("two"))
            },
            Check("What is given back and claimed in one step can be claimed again in it") { bench in
                try await bench.push("a")
                let worker = try await bench.worker("w:1:a")
                let held = try await worker.claimOne()
                let step = try await worker.done(worker.nextStep([held.ended(.giveBack, tally: .none)], claim: 2))
                try expect("claimed", step.claimed.map(\.text), is: ["a"])
                try expect(step.claimed.first?.token != held.token, "two claims have one token")
                try expect("the old token", try await worker.answers([held.ended()]), is: [.stale])
            },
            Check("A job given back to a paused queue waits there") { bench in
                let (worker, claimed) = try await bench.oneClaimed("a")
                try await bench.store.setPaused(true, queue: "default")
                try await worker.settle(claimed.ended(.giveBack, tally: .none))
                try expect("claimed", try await worker.claim(1).count, is: 0)
                try await bench.store.setPaused(false, queue: "default")
                try await bench.expectQueue(["a"])
            },
            Check("A give-back of equal jobs gives back each") { bench in
                try await bench.push("twin", "twin", "other")
                let worker = try await bench.worker("w:1:a")
                let held = try await worker.claim(3)
                try await worker.settle(held[0].ended(.giveBack, tally: .none), held[1].ended())
                try expect("in flight", try await bench.store.counts().inFlight, is: 1)
                try await bench.expectQueue(["twin"])
            },
        ]
    }
}
