import Wingman

extension StoreConformance {
    /// What plugins keep.
    static var keys: [Check] {
        [
            Check("A value is kept as its bytes, replaced and deleted") { bench in
                let bytes: [[UInt8]] = [[], [0], Array(0...255), "text".bytes]
                for value in bytes {
                    try await bench.change(.put(.value, value))
                    try expect("value", try await bench.store.values(of: [.value]), is: [value])
                }
                try await bench.change(.delete(.value), .delete(.other))
                try expect("value", try await bench.store.values(of: [.value]), is: [nil])
            },
            Check("Values are read in the order asked for, whatever the keys hold") { bench in
                try await bench.change(
                    .put(.value, "v".bytes),
                    .count(.counter, by: -7),
                    .insert(.set, member: "m".bytes)
                )
                let found = try await bench.store.values(of: [.counter, .other, .value, .set, .value])
                try expect("values", found.map { $0?.text }, is: ["-7", nil, "v", nil, "v"])
                try expect("of none", try await bench.store.values(of: []).count, is: 0)
                try expect("members of a value", try await bench.members(of: .value), is: [])
                try expect("members of nothing", try await bench.members(of: .other), is: [])
            },
            Check("Keys of several namespaces are apart") { bench in
                let keys = [StoreKey("a", "b:c"), StoreKey("a.b", "c"), StoreKey("a", "c"), StoreKey("b", "c")]
                try await bench.change(keys.map { .put($0, $0.description.bytes) })
                let found = try await bench.store.values(of: keys)
                try expect("values", found.map { $0?.text }, is: keys.map(\.description))
            },
            Check("Keys are counted by their namespace, a set as one, and what has expired or is empty not at all") {
                bench in
                try expect("none", try await bench.store.keyCounts(), is: [:])
                try await bench.change(
                    .put(StoreKey("a", "value"), [0]),
                    .put(StoreKey("a", "brief:value"), [0], expiry: .seconds(30)),
                    .count(StoreKey("a.b", "counter"), by: 1),
                    .insert(StoreKey("c", "set"), member: "x".bytes),
                    .insert(StoreKey("c", "set"), member: "y".bytes),
                    .insert(StoreKey("d", "emptied"), member: "x".bytes),
                    .remove(StoreKey("d", "emptied"), member: "x".bytes)
                )
                try await bench.store.enqueue([PushedJob(queue: "a", payload: "job".bytes)])
                try expect("at first", try await bench.store.keyCounts(), is: ["a": 2, "a.b": 1, "c": 1])
                try await bench.fixture.advance(by: .seconds(60))
                try expect("later", try await bench.store.keyCounts(), is: ["a": 1, "a.b": 1, "c": 1])
            },
            Check("A value expires by the store's clock; put again without expiry it stays", Self.expiry),
            Check("A counter counts, from zero, both ways, also from a value that is a number") { bench in
                try await bench.change(.count(.counter, by: 3), .count(.counter, by: -10))
                try expect("counter", try await bench.text(of: .counter), is: "-7")
                try await bench.change(.put(.value, "41".bytes), .count(.value, by: 1))
                try expect("value", try await bench.text(of: .value), is: "42")
                try await bench.change(.put(.most, "\(Int.max - 1)".bytes), .count(.most, by: 1))
                try expect("most", try await bench.text(of: .most), is: "\(Int.max)")
                try await bench.change(.put(.most, "\(Int.min + 1)".bytes), .count(.most, by: -1))
                try expect("least", try await bench.text(of: .most), is: "\(Int.min)")
            },
            Check("What is no number is not counted, and a counter does not overflow") { bench in
                for text in ["", "x", "1.0", " 1", "+1", "01", "1e3", "99999999999999999999"] {
                    try await bench.change(.put(.value, text.bytes))
                    try await expectThrows("counting \"\(text)\"") { try await bench.change(.count(.value, by: 1)) }
                    try expect("value", try await bench.text(of: .value), is: text)
                }
                for (text, amount) in [(Int.max, 1), (Int.min, -1), (Int.min, Int.min), (Int.max, Int.max)] {
                    try await bench.change(.put(.value, "\(text)".bytes))
                    try await expectThrows("\(text) + \(amount)") { try await bench.change(.count(.value, by: amount)) }
                    try expect("value", try await bench.text(of: .value), is: "\(text)")
                }
            },
            Check("Counting at the same time loses nothing") { bench in
                let other = try await bench.fixture.open()
                try await withThrowingDiscardingTaskGroup { group in
                    for index in 0..<8 {
                        let store = index.isMultiple(of: 2) ? bench.store : other
                        group.addTask {
                            for _ in 0..<25 { _ = try await store.apply(Change([.count(.counter, by: 1)])) }
                        }
                    }
                }
                await other.close()
                try expect("counter", try await bench.text(of: .counter), is: "200")
            },
            Check("A set holds each member once, any bytes, and is gone when it is empty", Self.sets),
            Check("\"When empty\" looks at the set after the effects before it") { bench in
                let count = Effect.count(.counter, by: 1)
                try await bench.change(.whenEmpty(.set, [count]))
                try expect("absent", try await bench.text(of: .counter), is: "1")
                try await bench.change(.insert(.set, member: "a".bytes), .whenEmpty(.set, [count]))
                try expect("with a member", try await bench.text(of: .counter), is: "1")
                try await bench.change(
                    .remove(.set, member: "a".bytes),
                    .whenEmpty(.set, [count, .put(.value, "v".bytes)])
                )
                try expect("emptied", try await bench.text(of: .counter), is: "2")
                try expect("value", try await bench.text(of: .value), is: "v")
                try await bench.change(.insert(.set, member: "a".bytes))
                try await bench.change(.delete(.set), .whenEmpty(.set, [.insert(.set, member: "b".bytes)]))
                try expect("set", try await bench.members(of: .set), is: ["b"])
            },
            Check("An effect on a key of another kind refuses the whole change", Self.kinds),
            Check("A list with an expiry goes away as a whole, so long after its last element came") { bench in
                let append = { (text: String) in
                    Effect.append(list: "replies", payload: text.bytes, expiry: .seconds(30))
                }
                try await bench.change(append("a"))
                try await bench.fixture.advance(by: .seconds(20))
                try await bench.change(append("b"))
                try await bench.fixture.advance(by: .seconds(20))
                try expect("in time", try await bench.texts(.list("replies")), is: ["a", "b"])
                try await bench.fixture.advance(by: .seconds(20))
                try expect("after", try await bench.texts(.list("replies")), is: [])
            },
            Check("What an effect pushes and adds lies where it should", Self.additions),
            Check("An element is received by one receiver, first come first, and is not held") { bench in
                for text in ["a", "b", "c"] { try await bench.change(.append(list: "replies", payload: text.bytes)) }
                for text in ["a", "b", "c"] {
                    let found = try await bench.store.receive(from: "replies", timeout: .seconds(20))
                    try expect("received", found?.text, is: text)
                }
                let nothing = try await bench.store.receive(from: "replies", timeout: .milliseconds(20))
                try expect("received", nothing, is: nil)
                try expect("in flight", try await bench.store.counts().inFlight, is: 0)
            },
            Check("Who gives up waiting for an element does so at once, and takes none") { bench in
                for round in 0..<6 {
                    // Longer than anybody would wait for this check.
                    let receiver = Task { try? await bench.store.receive(from: "replies", timeout: .seconds(36_000)) }
                    for _ in 0..<round * 20 { await Task.yield() }
                    receiver.cancel()
                    try expect("received", await receiver.value?.text, is: nil)
                }
                try await bench.change(.append(list: "replies", payload: "a".bytes))
                try expect(
                    "received",
                    try await bench.store.receive(from: "replies", timeout: .seconds(20))?.text,
                    is: "a"
                )
            },
            Check("Who does not wait gets the element that is there") { bench in
                for round in 0..<6 {
                    try await bench.change(.append(list: "replies", payload: "\(round)".bytes))
                    let found = try await bench.store.receive(from: "replies", timeout: .zero)
                    try expect("received", found?.text, is: "\(round)")
                }
                let nothing = try await bench.store.receive(from: "replies", timeout: .zero)
                try expect("received", nothing, is: nil)
            },
            Check("Who waits for an element gets it when it comes") { bench in
                let other = try await bench.fixture.open()
                for round in 0..<6 {
                    async let received = other.receive(from: "replies", timeout: .seconds(30))
                    for _ in 0..<round { await Task.yield() }
                    try await bench.change(.append(list: "replies", payload: "\(round)".bytes, expiry: .seconds(60)))
                    try expect("received", try await received?.text, is: "\(round)")
                }
                await other.close()
            },
        ]
    }

    @Sendable private static func expiry(_ bench: Bench) async throws {
        try await bench.change(
            .put(.value, "v".bytes, expiry: .seconds(30)),
            .put(.other, "o".bytes, expiry: .seconds(30))
        )
        try await bench.change(.count(.counter, by: 1, expiry: .seconds(30)), .count(.sound, by: 1))
        try await bench.fixture.advance(by: .seconds(20))
        // Only what starts a counter sets its end; a value takes the end it is put with.
        try await bench.change(
            .count(.counter, by: 1, expiry: .seconds(60)),
            .count(.sound, by: 1, expiry: .seconds(30))
        )
        try await bench.change(.put(.other, "p".bytes))
        let before = try await bench.store.values(of: [.value, .other, .counter, .sound]).map { $0?.text }
        try expect("in time", before, is: ["v", "p", "2", "2"])
        try await bench.fixture.advance(by: .seconds(20))
        let after = try await bench.store.values(of: [.value, .other, .counter, .sound]).map { $0?.text }
        try expect("after", after, is: [nil, "p", nil, "2"])
        guard case .applied = try await bench.store.apply(Change(if: [.absent(.value)], [.count(.counter, by: 1)]))
        else {
            throw ConformanceFailure("a value that has expired is not absent")
        }
        try expect("counted anew", try await bench.text(of: .counter), is: "1")
    }

    @Sendable private static func sets(_ bench: Bench) async throws {
        let members: [[UInt8]] = [[], [0], [0xFF, 0xFE], "a".bytes, "a".bytes, "b".bytes]
        try await bench.change(members.map { .insert(.set, member: $0) })
        let found = try await bench.store.members(of: .set)
        try expect("members", Set(found), is: Set(members))
        try expect("count", found.count, is: 5)
        try await bench.change(members.map { .remove(.set, member: $0) } + [.remove(.set, member: "never there".bytes)])
        try expect("members", try await bench.store.members(of: .set).count, is: 0)
        guard
            case .applied = try await bench.store.apply(Change(if: [.absent(.set)], [.put(.set, "now a value".bytes)]))
        else {
            throw ConformanceFailure("a set without members is not absent")
        }
        try expect("value", try await bench.text(of: .set), is: "now a value")
    }

    @Sendable private static func kinds(_ bench: Bench) async throws {
        try await bench.change(.put(.value, "v".bytes), .insert(.set, member: "m".bytes))
        let wrong: [Effect] = [
            .put(.set, "x".bytes), .count(.set, by: 1), .insert(.value, member: "x".bytes),
            .remove(.value, member: "x".bytes), .whenEmpty(.value, [.count(.counter, by: 1)]),
        ]
        for effect in wrong {
            try await expectThrows("\(effect)") {
                try await bench.change(
                    .count(.counter, by: 1),
                    .push(PushedJob(queue: "default", payload: "p".bytes)),
                    .insert(.other, member: "o".bytes),
                    effect,
                    .count(.counter, by: 1)
                )
            }
        }
        try expect("counter", try await bench.text(of: .counter), is: nil)
        try expect("value", try await bench.text(of: .value), is: "v")
        try expect("set", try await bench.members(of: .set), is: ["m"])
        try expect("other", try await bench.members(of: .other), is: [])
        try expect("places", try await bench.store.counts().places, is: [:])
        try await bench.change(.delete(.set), .delete(.value))
        try await bench.change(.put(.set, "x".bytes), .insert(.value, member: "x".bytes))
    }

    @Sendable private static func additions(_ bench: Bench) async throws {
        let now = Double(try await bench.now()) / 1_000
        let far = now + 1_000
        try await bench.change(
            .push(PushedJob(queue: "q", payload: "pushed".bytes)),
            .push(PushedJob(queue: "q", payload: "for later".bytes, runAt: far)),
            .add(Entry(payload: "queued".bytes), to: .queue("q")),
            .add(Entry(payload: "listed".bytes), to: .list("l")),
            .add(Entry(payload: "retried".bytes, at: far), to: .retry),
            .add(Entry(payload: "scheduled".bytes, at: far + 1), to: .schedule),
            .add(Entry(payload: "dead".bytes), to: .dead),
            .add(Entry(payload: "quarantined".bytes, at: 5), to: .quarantine)
        )
        try expect("queue", try await bench.texts(.queue("q")), is: ["pushed", "queued"])
        try expect("list", try await bench.texts(.list("l")), is: ["listed"])
        try expect("retry", try await bench.texts(.retry), is: ["retried"])
        try expect("schedule", try await bench.texts(.schedule), is: ["for later", "scheduled"])
        let dead = try await bench.store.entries(in: .dead, from: 0, limit: 5)
        try expect("dead", dead.map(\.payload.text), is: ["dead"])
        try expect(abs((dead[0].at ?? 0) - now) < 60, "it died at \(dead[0].at as Any), now is \(now)")
        let quarantined = try await bench.store.entries(in: .quarantine, from: 0, limit: 5)
        try expect("quarantine", quarantined, is: [Entry(payload: "quarantined".bytes, at: 5)])
    }
}

extension Bench {
    /// All payloads of a place, as texts.
    func texts(_ place: Place) async throws -> [String] {
        try await self.store.entries(in: place, from: 0, limit: 10_000).map(\.payload.text)
    }
}
