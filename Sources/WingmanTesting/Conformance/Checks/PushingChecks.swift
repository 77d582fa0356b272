import Wingman

extension StoreConformance {
    /// A job's way in.
    static var pushing: [Check] {
        [
            Check("A queue runs in the order of pushing, and a bulk in the order of its array") { bench in
                try await bench.push("a")
                try await bench.push("b", "c", "d")
                try await bench.push("e")
                try await bench.expectQueue(["a", "b", "c", "d", "e"])
            },
            Check("One push may go to several queues; each keeps its order") { bench in
                try await bench.store.enqueue([
                    PushedJob(queue: "one", payload: "a".bytes), PushedJob(queue: "two", payload: "b".bytes),
                    PushedJob(queue: "one", payload: "c".bytes), PushedJob(queue: "two", payload: "d".bytes),
                ])
                try await bench.expectQueue(["a", "c"], .queue("one"))
                try await bench.expectQueue(["b", "d"], .queue("two"))
            },
            Check("A push of nothing is nothing") { bench in
                try await bench.store.enqueue([])
                try expect("queues", try await bench.store.counts().queues, is: [:])
            },
            Check("Payloads come back as the bytes they were", Self.bytes),
            Check("Queues may have any name") { bench in
                for (index, name) in ["a b", "ümläut", "x:y:z", "quo\"te'", "new\nline", "*?[]", "%s"].enumerated() {
                    try await bench.push("job \(index)", to: name)
                    try await bench.expectQueue(["job \(index)"], .queue(name))
                }
            },
            Check("Equal jobs are two jobs") { bench in
                try await bench.push("twin", "twin")
                try await bench.push("twin")
                try expect("queues", try await bench.store.counts().queues["default"], is: 3)
                try await bench.expectQueue(["twin", "twin", "twin"])
            },
            Check("A job with a time goes to the schedule, whenever that is", Self.later),
            Check("A push with a time that is no number is refused whole") { bench in
                for time in [Double.nan, .infinity, -.infinity] {
                    let jobs = [
                        PushedJob(queue: "default", payload: "now".bytes),
                        PushedJob(queue: "default", payload: "never".bytes, runAt: time),
                    ]
                    try await expectThrows("a push at \(time)") { try await bench.store.enqueue(jobs) }
                }
                let counts = try await bench.store.counts()
                try expect("pushed", counts.queues["default", default: 0] + counts.scheduled, is: 0)
            },
            Check("A push of five thousand jobs is one push, in order") { bench in
                let jobs = (0..<5_000).map { "job \($0)" }
                try await bench.push(jobs)
                try await bench.expectQueue(jobs)
            },
            Check("What one store pushed, another one on the same data claims") { bench in
                let other = try await bench.fixture.open()
                try await bench.push("a")
                let worker = try await bench.worker("w:1:a", on: other)
                try expect("claimed", try await worker.claimOne().text, is: "a")
                await other.close()
            },
            Check("When the store is full, pushes fail and say so; steps and beats go on", Self.full),
        ]
    }

    @Sendable private static func bytes(_ bench: Bench) async throws {
        let payloads: [[UInt8]] = [
            [], [0], Array(0...255), #"{"a":1.0,"b":[],"c":12345678901234567890123,"a":2}"#.bytes, "  spaces \n".bytes,
            [UInt8](repeating: 0xFF, count: 100_000),
        ]
        let worker = try await bench.worker("w:1:a")
        for payload in payloads {
            try await bench.store.enqueue([PushedJob(queue: "default", payload: payload)])
            let claimed = try await worker.claimOne()
            try expect(claimed.payload == payload, "\(payload.prefix(20)) came back as \(claimed.payload.prefix(20))")
            try await worker.settle(claimed.ended())
        }
    }

    @Sendable private static func later(_ bench: Bench) async throws {
        let now = Double(try await bench.now()) / 1_000
        let times = [-1e9, 0, now - 1, now + 3_600, 1e12]
        let jobs = times.map { PushedJob(queue: "default", payload: "at \($0)".bytes, runAt: $0) }
        try await bench.store.enqueue(jobs)
        let counts = try await bench.store.counts()
        try expect("scheduled", counts.scheduled, is: 5)
        try expect("due", counts.scheduledDue, is: 3)
        try expect("queued", counts.queues["default", default: 0], is: 0)
        let due = try await bench.store.due(in: .schedule, limit: 10).entries
        try expect("due, oldest first", due, is: jobs.prefix(3).map(\.payload))
    }

    @Sendable private static func full(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        try await bench.push("a", "b")
        let claimed = try await worker.claimOne()
        try await bench.under(.full) {
            let job = PushedJob(queue: "default", payload: [UInt8](repeating: 120, count: 1_000_000))
            do {
                try await bench.store.enqueue([job])
                throw ConformanceFailure("a push into a full store was accepted")
            } catch let error as StoreError {
                try expect(error.code == .full, "the error's code is \(error.code): \(error)")
            }
            try await worker.beat()
            try await worker.settle(claimed.ended())
            try expect("claimed while full", try await worker.claim(5).map(\.text), is: ["b"])
            try await bench.fixture.relieve(.full)
            try await bench.push("c")
            try await bench.expectQueue(["c"])
        }
    }
}

/// Fails unless `body` throws a store error.
func expectThrows(
    _ what: String,
    file: String = #fileID,
    line: Int = #line,
    _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch is StoreError {
        return
    }
    throw ConformanceFailure("\(what) was accepted", file: file, line: line)
}
