import Wingman

extension StoreConformance {
    /// What people see and do.
    static var operation: [Check] {
        [
            Check("Entries of a queue are shown next first, in pages") { bench in
                try await bench.push((0..<25).map { "\($0)" })
                let store = bench.store
                for (offset, limit, expected) in [(0, 10, 0..<10), (10, 10, 10..<20), (20, 10, 20..<25), (3, 1, 3..<4)]
                {
                    let found = try await store.entries(in: .queue("default"), from: offset, limit: limit)
                    try expect("from \(offset)", found.map(\.payload.text), is: expected.map { "\($0)" })
                    try expect("times", found.compactMap(\.at), is: [])
                }
                for (offset, limit) in [(25, 10), (1_000, 1), (0, 0)] {
                    let found = try await store.entries(in: .queue("default"), from: offset, limit: limit)
                    try expect("from \(offset)", found.count, is: 0)
                }
            },
            Check("Entries ordered by time are shown with it: due first, of the dead the last first", Self.ordered),
            Check("A place nobody used is empty") { bench in
                for place in [Place.queue("x"), .list("x"), .retry, .schedule, .later("x"), .dead, .quarantine] {
                    try expect("entries of \(place)", try await bench.texts(place), is: [])
                    let edit = EntryEdit.delete(Entry(payload: "x".bytes))
                    try expect("deleted of \(place)", try await bench.store.edit([edit], in: place), is: 0)
                }
                try expect("counts", try await bench.store.counts(), is: StoreCounts())
            },
            Check("An entry is deleted once, and no other with it", Self.deleted),
            Check("Of equal entries one is deleted or moved at a time") { bench in
                try await bench.push("twin", "twin", "twin", "other")
                let twin = Entry(payload: "twin".bytes)
                try expect("deleted", try await bench.store.edit([.delete(twin)], in: .queue("default")), is: 1)
                try expect("twins", try await bench.texts(.queue("default")).filter { $0 == "twin" }.count, is: 2)
                let moves = [
                    EntryEdit.move(twin, to: .queue("b")), .move(twin, to: .queue("b")), .move(twin, to: .queue("b")),
                ]
                try expect("moved", try await bench.store.edit(moves, in: .queue("default")), is: 2)
                try expect("left", try await bench.texts(.queue("default")), is: ["other"])
                try expect("moved", try await bench.texts(.queue("b")), is: ["twin", "twin"])
            },
            Check("An entry moves from any place to any other, as what it becomes there", Self.moves),
            Check("A moved entry is at its time, or at the store's") { bench in
                try await bench.push("a", "b")
                let now = Double(try await bench.now()) / 1_000
                let edits = [
                    EntryEdit.move(
                        Entry(payload: "a".bytes),
                        to: .schedule,
                        as: Entry(payload: "a".bytes, at: 1_234.5)
                    ),
                    .move(Entry(payload: "b".bytes), to: .schedule),
                ]
                try expect("moved", try await bench.store.edit(edits, in: .queue("default")), is: 2)
                let found = try await bench.store.entries(in: .schedule, from: 0, limit: 5)
                try expect("entries", found.map(\.payload.text), is: ["a", "b"])
                try expect(abs((found[0].at ?? 0) - 1_234.5) < 0.001, "a is at \(found[0].at as Any)")
                try expect(abs((found[1].at ?? 0) - now) < 60, "b is at \(found[1].at as Any), now is \(now)")
            },
            Check("A claimed job cannot be edited") { bench in
                let (worker, claimed) = try await bench.oneClaimed("a")
                let edit = EntryEdit.delete(Entry(payload: claimed.payload))
                try expect("deleted", try await bench.store.edit([edit], in: .queue("default")), is: 0)
                try await worker.settle(claimed.ended())
            },
            Check("The dead set keeps the last ten thousand, of half a year", Self.trimmed),
            Check(
                "Counts tell the sizes of all places, also of what is due, and of what is held by its source",
                Self.sizes
            ),
            Check("A job is in flight from its claim to its end, whoever holds it, also a dead process", Self.inFlight),
        ]
    }

    @Sendable private static func ordered(_ bench: Bench) async throws {
        for place in [Place.retry, .schedule, .later("l"), .dead, .quarantine] {
            try await bench.change(
                .add(Entry(payload: "b".bytes, at: 200), to: place),
                .add(Entry(payload: "a".bytes, at: 100), to: place),
                .add(Entry(payload: "c".bytes, at: 300), to: place)
            )
            // What is buried is trimmed: these are too old to stay there.
            if place == .dead { continue }
            let found = try await bench.store.entries(in: place, from: 0, limit: 10)
            let expected = place == .quarantine ? ["c", "b", "a"] : ["a", "b", "c"]
            try expect("entries of \(place)", found.map(\.payload.text), is: expected)
            try expect("times of \(place)", found.compactMap(\.at).sorted(), is: [100, 200, 300])
            let second = try await bench.store.entries(in: place, from: 1, limit: 1)
            try expect("the second of \(place)", second.map(\.payload.text), is: ["b"])
        }
        for name in ["x", "y", "z"] {
            try await bench.change(.add(Entry(payload: name.bytes), to: .dead))
            try await bench.fixture.advance(by: .seconds(1))
        }
        try expect("dead", Array(try await bench.texts(.dead).prefix(3)), is: ["z", "y", "x"])
    }

    @Sendable private static func deleted(_ bench: Bench) async throws {
        let now = Double(try await bench.now()) / 1_000
        for place in [Place.queue("q"), .list("l"), .retry, .schedule, .later("l"), .dead, .quarantine] {
            let names = ["a", "b", "c"]
            try await bench.change(
                names.enumerated().map { .add(Entry(payload: $1.bytes, at: now + Double($0)), to: place) }
            )
            let entry = try await bench.store.entries(in: place, from: 1, limit: 1)[0]
            try expect("the middle of \(place)", entry.payload.text, is: "b")
            let edits = [EntryEdit.delete(entry), .delete(Entry(payload: "never there".bytes))]
            try expect("deleted of \(place)", try await bench.store.edit(edits, in: place), is: 1)
            try expect("deleted again of \(place)", try await bench.store.edit(edits, in: place), is: 0)
            try expect("left in \(place)", try await bench.texts(place).sorted(), is: ["a", "c"])
        }
    }

    @Sendable private static func moves(_ bench: Bench) async throws {
        let places = [
            Place.queue("q"), .queue("r"), .list("l"), .retry, .schedule, .later("l"), .later("m"), .dead, .quarantine,
        ]
        let now = Double(try await bench.now()) / 1_000
        for from in places {
            for to in places where to != from {
                try await bench.change(.add(Entry(payload: "before".bytes, at: now), to: from))
                let entry = try await bench.store.entries(in: from, from: 0, limit: 1)[0]
                let edit = EntryEdit.move(entry, to: to, as: Entry(payload: "after".bytes, at: now + 60))
                try expect("moved from \(from) to \(to)", try await bench.store.edit([edit], in: from), is: 1)
                try expect("moved again from \(from) to \(to)", try await bench.store.edit([edit], in: from), is: 0)
                try expect("left in \(from)", try await bench.texts(from), is: [])
                let moved = try await bench.store.entries(in: to, from: 0, limit: 5)
                try expect("moved to \(to)", moved.map(\.payload.text), is: ["after"])
                try expect("deleted", try await bench.store.edit([.delete(moved[0])], in: to), is: 1)
            }
        }
        try expect("places", try await bench.store.counts().places, is: [:])
    }

    @Sendable private static func trimmed(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        func bury(_ range: Range<Int>) async throws {
            try await bench.push(range.map { "job \($0)" })
            var held: [Claimed] = []
            repeat {
                let settlements = held.map { $0.ended(.dead(payload: $0.payload), tally: .failed) }
                held = try await worker.done(worker.nextStep(settlements, claim: Step.limit)).claimed
                // Of one moment none is the last.
                try await bench.fixture.advance(by: .milliseconds(1))
            } while !held.isEmpty
        }
        try await bury(0..<1_000)
        try await bench.pass(.seconds(10), beating: worker)
        try await bury(1_000..<10_500)
        let dead = try await bench.store.counts().dead
        // Sidekiq itself keeps one less, by mistake.
        try expect((9_999...10_000).contains(dead), "\(dead) are kept")
        let first = try await bench.store.entries(in: .dead, from: 0, limit: 1)
        try expect(first.first?.payload.text.hasPrefix("job 10") ?? false, "the last that came is \(first)")
        try await bench.fixture.advance(by: .seconds(181 * 86_400))
        try await worker.beat()
        try await bury(20_000..<20_001)
        try expect("half a year later", try await bench.texts(.dead), is: ["job 20000"])
    }

    @Sendable private static func sizes(_ bench: Bench) async throws {
        let now = Double(try await bench.now()) / 1_000
        try await bench.push("a", "b", "c", to: "one")
        try await bench.push("d", "e", to: "two")
        try await bench.change(.append(list: "requests", payload: "m".bytes))
        for (index, place) in [Place.retry, .schedule].enumerated() {
            try await bench.change(
                .add(Entry(payload: "x".bytes, at: now - 10), to: place),
                .add(Entry(payload: "y".bytes, at: now + Double(20 + index)), to: place)
            )
        }
        let worker = try await bench.worker("w:1:a")
        _ = try await worker.claim(4, from: [.queue("one"), .list("requests")])
        _ = try await worker.claim(1, from: [.queue("two")])
        let counts = try await bench.store.counts()
        try expect("places", counts.places, is: ["queue two": 1, "in flight": 5, "retry": 2, "schedule": 2])
        let held: [Source: Int] = [.queue("one"): 3, .list("requests"): 1, .queue("two"): 1]
        try expect("held", counts.inFlightBySource, is: held)
        try expect("due", [counts.retriesDue, counts.scheduledDue], is: [1, 1])
        try await bench.fixture.advance(by: .seconds(30))
        let later = try await bench.store.counts()
        try expect("due", [later.retriesDue, later.scheduledDue], is: [2, 2])
    }

    @Sendable private static func inFlight(_ bench: Bench) async throws {
        let all = Set((0..<4).map { "job\($0)" })
        let payloads = all.sorted().map { #"{"class":"A","jid":"\#($0)","args":[]}"# }
        // The text of a jid says nothing by itself.
        try await bench.push(payloads + [#"{"class":"A","args":["job3",{"id":"job3"}]}"#])
        func inFlight() async throws -> [String] { try await bench.store.inFlight(all).sorted() }
        try expect("nothing claimed", try await inFlight(), is: [])
        let worker = try await bench.worker("w:1:a")
        let claimed = try await worker.claim(3)
        try expect("claimed", try await inFlight(), is: ["job0", "job1", "job2"])
        try expect("asked for one", try await bench.store.inFlight(["job1", "other"]), is: ["job1"])
        try expect("asked for none", try await bench.store.inFlight([]), is: [])
        try await worker.settle(claimed[0].ended())
        try expect("one ended", try await inFlight(), is: ["job1", "job2"])
        let keeper = try await bench.worker("w:2:b")
        try await bench.expireAll(but: keeper)
        try expect("held by the dead", try await inFlight(), is: ["job1", "job2"])
        try await bench.rescueAll()
        try expect("rescued", try await inFlight(), is: [])
        _ = try await keeper.claim(5)
        try expect("claimed again", try await inFlight(), is: ["job1", "job2", "job3"])
    }
}
