import Wingman

extension StoreConformance {
    /// Beats and leases.
    static var lives: [Check] {
        [
            Check(
                "An identity is used once: known ones are refused at registration, unknown ones at renewal",
                Self.identities
            ),
            Check("A lease lasts by the store's clock") { bench in
                try await bench.push("a", "b", "c")
                let worker = try await bench.worker("w:1:a")
                try await bench.fixture.advance(by: Bench.lease - .seconds(1))
                try expect("claimed in time", try await worker.claim(1).map(\.text), is: ["a"])
                try await bench.fixture.advance(by: .seconds(2))
                let late = try await worker.done(worker.nextStep(claim: 1))
                try expect(late.leaseExpired, "a lease of 15 s lasts 16 s")
                try await worker.beat()
                try await bench.fixture.advance(by: Bench.lease - .seconds(1))
                try expect("claimed after a beat", try await worker.claim(1).map(\.text), is: ["b"])
            },
            Check("A lease that ran out is revived while nobody fenced it, with what it holds") { bench in
                let keeper = try await bench.worker("k:1:a")
                let (worker, claimed) = try await bench.oneClaimed()
                try await bench.expireAll(but: keeper)
                try await worker.beat()
                let replies = try await bench.rescueAll()
                try expect("moved", replies.map(\.moved), is: [0])
                try expect("ended", replies.flatMap(\.ended), is: [])
                try await worker.settle(claimed.ended())
            },
            Check("Processes are shown as they last beat, until they leave", Self.reports),
            Check(
                "A signal reaches its process with the next beat, and again until that is acknowledged",
                Self.signals
            ),
            Check("A beat sent again counts its executions once", Self.executionsOnce),
            Check("Executions are summed by class over the minutes asked for", Self.executionMinutes),
        ]
    }

    @Sendable private static func identities(_ bench: Bench) async throws {
        let keeper = try await bench.worker("k:1:a")
        let stranger = ProcessID(rawValue: "never:1:seen")
        try await bench.expectRefused(.bench(stranger, .renew, number: 1))
        let worker = try await bench.worker("w:1:a")
        try await bench.expectRefused(.bench(worker.process, .register, number: 2))
        try await worker.beat()
        try await bench.expireAll(but: keeper)
        try await bench.rescueAll()
        for kind in [Beat.Kind.renew, .register] {
            try await bench.expectRefused(.bench(worker.process, kind, number: 9))
        }
        let leaver = try await bench.worker("l:1:a")
        try expect(try await bench.store.leave(leaver.process), "a process that holds nothing may not leave")
        for kind in [Beat.Kind.renew, .register] {
            try await bench.expectRefused(.bench(leaver.process, kind, number: 9))
        }
        let abandoned = try await bench.worker("a:1:a")
        try await bench.store.abandon(abandoned.process)
        for kind in [Beat.Kind.renew, .register] {
            try await bench.expectRefused(.bench(abandoned.process, kind, number: 9))
        }
    }

    @Sendable private static func reports(_ bench: Bench) async throws {
        let process = ProcessID(rawValue: "w:1:a")
        let work = ["a", "b"].map {
            Beat.Work(thread: $0, queue: "default", payload: "{}".bytes, startedAt: 1_700_000_000)
        }
        _ = try await bench.store.beat(.bench(process, .register, number: 1, work: work))
        let first = try await bench.store.processes()
        try expect("processes", first.map(\.process), is: [process])
        try expect("busy", first.map(\.busy), is: [2])
        try expect("quiet", first.map(\.isQuiet), is: [false])
        try expect("info", first.map(\.info), is: [#"{"hostname":"bench"}"#])
        try await bench.fixture.advance(by: .seconds(5))
        _ = try await bench.store.beat(.bench(process, .renew, number: 2, isQuiet: true))
        let second = try await bench.store.processes()
        try expect("busy", second.map(\.busy), is: [0])
        try expect("quiet", second.map(\.isQuiet), is: [true])
        guard let before = first.first?.beatAt, let after = second.first?.beatAt, after - before > 4.9 else {
            throw ConformanceFailure("the time of the last beat did not move with the store's clock")
        }
        try expect(try await bench.store.leave(process), "a process that holds nothing may not leave")
        try expect("processes", try await bench.store.processes().count, is: 0)
    }

    @Sendable private static func signals(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        let other = try await bench.worker("w:2:b")
        try await bench.store.signal(worker.process, "TSTP")
        try await bench.store.signal(worker.process, "TERM")
        try expect("of another", try await other.beat().signals, is: [])
        let beat = worker.nextBeat(.renew)
        for _ in 0..<2 {
            guard case .alive(_, let signals) = try await bench.store.beat(beat) else {
                throw ConformanceFailure("a beat was refused")
            }
            try expect("signals", signals, is: ["TSTP", "TERM"])
        }
        try expect("the next", try await worker.beat().signals, is: [])
        guard case .alive(_, let late) = try await bench.store.beat(beat) else {
            throw ConformanceFailure("a late beat was refused")
        }
        try expect("of a late beat", late, is: [])
    }

    @Sendable private static func executionsOnce(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        let beat = worker.nextBeat(.renew, executions: [.sample("Thumbnail", processed: 3, failed: 1)])
        for _ in 0..<3 { _ = try await bench.store.beat(beat) }
        try await worker.beat(executions: [
            .sample("Thumbnail", processed: 2, failed: 0), .sample("Digest", processed: 1),
        ])
        _ = try await bench.store.beat(beat)
        let found = try await bench.store.executions(lastMinutes: 1).sorted { $0.jobClass < $1.jobClass }
        try expect("classes", found.map(\.jobClass), is: ["Digest", "Thumbnail"])
        try expect("processed", found.map(\.processed), is: [1, 5])
        try expect("failed", found.map(\.failed), is: [0, 1])
        try expect("milliseconds", found.map(\.milliseconds), is: [10, 20])
        try expect("buckets", found.map { $0.histogram.count }, is: [26, 26])
        try expect("histogram", found.map { $0.histogram[3] }, is: [1, 4])
    }

    @Sendable private static func executionMinutes(_ bench: Bench) async throws {
        let worker = try await bench.worker("w:1:a")
        try await worker.beat(executions: [.sample("Old", processed: 1)])
        try await bench.pass(.seconds(600), beating: worker)
        try await worker.beat(executions: [.sample("New", processed: 1)])
        let recent = try await bench.store.executions(lastMinutes: 5).map(\.jobClass)
        try expect("of five minutes", recent, is: ["New"])
        let all = try await bench.store.executions(lastMinutes: 15).map(\.jobClass)
        try expect("of fifteen minutes", all.sorted(), is: ["New", "Old"])
        try expect(
            "of no minutes",
            try await bench.store.executions(lastMinutes: -3).filter { $0.jobClass == "Old" }.count,
            is: 0
        )
    }
}

extension Bench {
    func expectRefused(_ beat: Beat, file: String = #fileID, line: Int = #line) async throws {
        guard case .refused = try await self.store.beat(beat) else {
            throw ConformanceFailure("\(beat.kind) of \(beat.process) was accepted", file: file, line: line)
        }
    }
}

extension ExecutionMetric {
    /// Figures whose other values follow from the number of executions.
    static func sample(_ jobClass: String, processed: Int, failed: Int = 0) -> ExecutionMetric {
        var histogram = [Int](repeating: 0, count: 26)
        histogram[3] = processed - failed
        return ExecutionMetric(
            jobClass: jobClass,
            processed: processed,
            failed: failed,
            milliseconds: failed == 0 ? 10 : 10 * (processed - failed) / 2,
            histogram: histogram
        )
    }
}
