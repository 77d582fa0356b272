import Testing

@testable import WingmanScheduler

/// What is due, what of it gets jobs, and what the record is afterwards.
@Suite("A firing plan")
struct FiringPlanTests {
    /// Every ten seconds from a round thousand.
    static let base = 1_800_000_000

    static func timing(_ policies: SchedulePolicies = SchedulePolicies(), every seconds: Int = 10) throws -> Timing {
        Timing(id: "sweep", recurrence: try .every(seconds: seconds), policies: policies)
    }

    static func record(next: Int = Self.base) -> ScheduleRecord {
        ScheduleRecord(
            spec: "@every 10s",
            owner: .code,
            application: "app",
            generation: 1,
            jobClass: "Sweep",
            next: next
        )
    }

    static func advance(_ timing: Timing, _ record: ScheduleRecord, at second: Int) throws -> Advance {
        let plan = FiringPlan(timing, record, now: second * 1_000)
        guard case .advance(let advance) = plan else {
            throw Unexpected(plan: plan)
        }
        return advance
    }

    struct Unexpected: Error {
        let plan: FiringPlan
    }

    @Test("rests until the recorded occurrence, to the millisecond")
    func rests() throws {
        let plan = FiringPlan(try Self.timing(), Self.record(), now: Self.base * 1_000 - 1)
        #expect(plan == .rest(until: Self.base * 1_000))
    }

    @Test("enqueues an occurrence that is due, and makes the following one the next")
    func fires() throws {
        let advance = try Self.advance(Self.timing(), Self.record(), at: Self.base)
        #expect(advance.occurrences.map(\.at) == [Self.base])
        #expect(advance.occurrences[0].previous == nil)
        #expect(advance.occurrences[0].jid == OccurrenceID.make(schedule: "sweep", at: Self.base * 1_000))
        #expect(advance.record.next == Self.base + 10)
        #expect(advance.record.last == Self.base)
        #expect(advance.record.count == 1)
        #expect(advance.record.history.map(\.kind) == [.enqueued])
        #expect(advance.notBefore == Self.base * 1_000)
        #expect(advance.missed == 0)
    }

    /// Three occurrences were missed by more than the grace of a second: at 0, 10 and 20, seen at 25.
    @Test(
        "catches up as the policy says",
        arguments: [
            (CatchUp.skip, [], 3), (.latest, [20], 2), (.all(limit: 2), [10, 20], 1),
            (.all(limit: 100), [0, 10, 20], 0),
            (.all(limit: 100, within: .seconds(16)), [10, 20], 1),
        ]
    )
    func catchUp(policy: CatchUp, expected: [Int], missed: Int) throws {
        let timing = try Self.timing(SchedulePolicies(catchUp: policy, grace: .zero))
        let advance = try Self.advance(timing, Self.record(), at: Self.base + 25)
        #expect(advance.occurrences.map { $0.at - Self.base } == expected)
        #expect(advance.missed == missed)
        #expect(advance.record.next == Self.base + 30)
        #expect(advance.occurrences.first?.missed ?? missed == missed)
        #expect(advance.occurrences.map(\.lateBy) == expected.map { (25 - $0) * 1_000 })
    }

    @Test(
        "gives each occurrence within the grace its job, whatever the policy",
        arguments: [CatchUp.skip, .latest, .all()]
    )
    func grace(policy: CatchUp) throws {
        let timing = try Self.timing(SchedulePolicies(catchUp: policy, grace: .seconds(16)))
        let advance = try Self.advance(timing, Self.record(), at: Self.base + 25)
        let expected = policy == .all() ? [0, 10, 20] : [10, 20]
        #expect(advance.occurrences.map { $0.at - Self.base } == expected)
        #expect(advance.occurrences.last?.previous == Self.base + 10)
    }

    @Test("is quick and counts no further than ten thousand after a year of missed seconds")
    func longAbsence() throws {
        let timing = try Self.timing(SchedulePolicies(catchUp: .latest, grace: .zero), every: 1)
        let advance = try Self.advance(timing, Self.record(), at: Self.base + 31_536_000)
        #expect(advance.occurrences.count == 2)
        #expect((10_000...10_010).contains(advance.missed))
        #expect(advance.record.next == Self.base + 31_536_001)
    }

    @Test("enqueues many occurrences in steps of fifty, none twice and none left out")
    func batches() throws {
        let timing = try Self.timing(SchedulePolicies(catchUp: .all(limit: 1_000)), every: 1)
        var record = Self.record()
        var occurrences: [Int] = []
        while case .advance(let advance) = FiringPlan(timing, record, now: (Self.base + 999) * 1_000) {
            #expect(advance.occurrences.count <= FiringPlan.batchLimit)
            occurrences += advance.occurrences.map(\.at)
            record = advance.record
        }
        #expect(occurrences == Array(Self.base..<Self.base + 1_000))
        #expect(record.history.count == ScheduleRecord.historyLimit)
    }

    @Test("leaves out what was asked to be skipped, once")
    func skips() throws {
        var record = Self.record()
        record.skips = 1
        let advance = try Self.advance(Self.timing(), record, at: Self.base)
        #expect(advance.occurrences.isEmpty)
        #expect(advance.record.skips == nil)
        #expect(advance.record.history.map(\.kind) == [.skipped])
        let after = try Self.advance(Self.timing(), advance.record, at: Self.base + 10)
        #expect(after.occurrences.map(\.at) == [Self.base + 10])
    }

    @Test("has nothing to do for a schedule that is paused or has ended")
    func idle() throws {
        var paused = Self.record()
        paused.pausedAt = 1
        #expect(FiringPlan(try Self.timing(), paused, now: .max / 2) == .rest(until: nil))
        var ended = Self.record()
        ended.next = nil
        #expect(FiringPlan(try Self.timing(), ended, now: .max / 2) == .rest(until: nil))
        #expect(ended.isRetired)
    }

    @Test("ends with the last occurrence of a recurrence that ends")
    func ends() throws {
        let recurrence = try Recurrence("@every 10s; from 2027-01-15T08:00; count 2")
        let timing = Timing(id: "sweep", recurrence: recurrence, policies: SchedulePolicies())
        let first = try #require(recurrence.next(afterSecond: 0))
        var record = Self.record(next: first)
        for second in [first, first + 10] {
            let advance = try Self.advance(timing, record, at: second)
            #expect(advance.occurrences.map(\.at) == [second])
            record = advance.record
        }
        #expect(record.isRetired)
        #expect(record.count == 2)
    }

    @Test("lets an overlapping occurrence go or wait, and enqueues one of several")
    func overlaps() throws {
        for policy in [Overlap.skip, .bufferOne] {
            let timing = try Self.timing(SchedulePolicies(catchUp: .all(), overlap: policy))
            let advance = try Self.advance(timing, Self.record(), at: Self.base + 25)
            #expect(advance.occurrences.map(\.at) == [Self.base + 20])
            let blocked = try #require(advance.blocked)
            #expect(blocked.next == Self.base + 30)
            #expect(blocked.count == 0)
            #expect(blocked.buffered == (policy == .bufferOne ? Self.base + 20 : nil))
            #expect(blocked.history.last?.kind == (policy == .bufferOne ? .buffered : .overlapped))
        }
    }

    @Test("tells of occurrences left out in a row in one line, so that the jobs before stay in the history")
    func overlapsInARow() throws {
        for (policy, kinds) in [
            (Overlap.skip, [HistoryEntry.Kind.overlapped]), (.bufferOne, [.overlapped, .buffered]),
        ] {
            let timing = try Self.timing(SchedulePolicies(overlap: policy))
            var record = Self.record()
            for number in 0..<30 {
                record = try #require(try Self.advance(timing, record, at: Self.base + 10 * number).blocked)
            }
            #expect(record.history.map(\.kind) == kinds)
            #expect(record.history[0].number == (policy == .bufferOne ? 29 : 30))
            #expect(record.history[0].at == Self.base + (policy == .bufferOne ? 280 : 290))
        }
    }

    @Test("releases the occurrence that waited, and replaces it by a newer one")
    func buffers() throws {
        let timing = try Self.timing(SchedulePolicies(overlap: .bufferOne))
        var record = Self.record(next: Self.base + 10)
        record.buffered = Self.base
        guard case .release(let release) = FiringPlan(timing, record, now: (Self.base + 5) * 1_000) else {
            Issue.record("it is not released")
            return
        }
        #expect(release.occurrences.map(\.at) == [Self.base])
        #expect(release.record.buffered == nil)
        #expect(release.record.next == Self.base + 10)
        #expect(release.blocked == record)
        let following = try Self.advance(timing, record, at: Self.base + 10)
        let blocked = try #require(following.blocked)
        #expect(blocked.buffered == Self.base + 10)
    }

    @Test("never has a second occurrence for a wall time where zone data differ")
    func zoneDataDiffer() throws {
        // Another process, with other data, has enqueued half past two of the day at an instant that is an hour earlier.
        let recurrence = try Recurrence("30 2 * * * Europe/Berlin")
        let timing = Timing(id: "sweep", recurrence: recurrence, policies: SchedulePolicies())
        let ours = try #require(recurrence.next(afterSecond: Self.base))
        var record = Self.record(next: ours - 3_600)
        record.nextWall = recurrence.nominalWall(of: ours)
        let advance = try Self.advance(timing, record, at: ours - 3_600)
        #expect(advance.record.next == recurrence.next(afterSecond: ours))
    }
}

@Suite("The jitter of a schedule")
struct JitterTests {
    @Test("is the same for one id, differs between ids, and stays below the following occurrence")
    func jitter() throws {
        let recurrence = try Recurrence.every(seconds: 60)
        let policies = SchedulePolicies(jitter: .seconds(3_600))
        let dues = (0..<50).map { number in
            let timing = Timing(id: "s\(number)", recurrence: recurrence, policies: policies)
            #expect(timing.due(60) == Timing(id: "s\(number)", recurrence: recurrence, policies: policies).due(60))
            return timing.due(60)
        }
        #expect(dues.allSatisfy { (60_000..<120_000).contains($0) })
        let spread = (0..<50).map {
            Timing(id: "s\($0)", recurrence: recurrence, policies: SchedulePolicies(jitter: .seconds(30))).due(60)
        }
        #expect(Set(spread).count > 40)
        #expect(spread.allSatisfy { (60_000...90_000).contains($0) })
    }
}

@Suite("The heap of due times")
struct DueHeapTests {
    @Test("gives what is due in order, whatever was changed meanwhile")
    func order() {
        var heap = DueHeap()
        var generator = SystemRandomNumberGenerator()
        var expected: [String: Int] = [:]
        for _ in 0..<5_000 {
            let id = "s\(Int.random(in: 0..<500, using: &generator))"
            let due: Int? =
                Int.random(in: 0..<10, using: &generator) == 0 ? nil : Int.random(in: 0..<1_000, using: &generator)
            heap.set(id, due: due)
            expected[id] = due
        }
        #expect(heap.count == expected.count)
        #expect(heap.nextDue == expected.values.min())
        let early = heap.takeDue(at: 499, limit: .max)
        #expect(early.map { expected[$0] ?? -1 } == expected.values.filter { $0 <= 499 }.sorted())
        #expect(Set(heap.takeDue(at: 1_000, limit: .max)).union(early).count == expected.count)
        #expect(heap.nextDue == nil)
    }
}
