import Foundation
import Supervision
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanScheduler

/// Three schedules, one for each policy, two of them with jobs that take longer than a period. The process that runs them is killed; its
/// jobs are in flight until the lease has run out, then wait in their queue until somebody runs them again.
@Suite("Overlap, when the job before was held by a process that died")
struct OverlapProcessTests {
    @Test("is judged by the job, which has not ended before somebody has ended it", arguments: StoreTests.Kind.allCases)
    func death(kind: StoreTests.Kind) async throws {
        try await Fleet.with(kind) { url, rig in
            let directory = try TemporaryDirectory("overlap")
            defer { directory.remove() }
            let environment = ["WINGMAN_SCHEDULER_FILE": try Self.schedules(in: directory)]
            let schedulers = Fleet(url, environment: environment)
            try await schedulers.start(1, skewed: false)
            let workers = Fleet(url, queue: "slow", environment: environment)
            try await workers.start(1, skewed: false)
            try await Self.suspend(workers, holding: 3, rig)
            let held = try await rig.record("cancelPrevious")?.history.last { $0.kind == .enqueued }
            try await workers.killSuspended()

            try await Self.expectWaiting(rig)
            try await eventually("nothing to be held") { try await rig.store.counts().inFlight == 0 }
            try await Self.expectWaiting(rig)
            // So that the newest job has the time to end.
            try await rig.desk.pause("cancelPrevious")

            try await workers.start(1, skewed: false)
            try await Self.expectGoingOn(rig)
            try await Self.expectOnlyNewest(rig, since: try #require(held).at)
            #expect(try await workers.stop() + schedulers.stop() == [.exited(0), .exited(0)])
        }
    }

    private static let policies = ["skip", "bufferOne", "cancelPrevious"]

    private static func schedules(in directory: TemporaryDirectory) throws -> String {
        let entries = Self.policies.map { policy in
            """
            {"id": "\(policy)", "spec": "@every \(policy == "cancelPrevious" ? 5 : 1)s", "class": "Record", "queue": "slow",
             "overlap": "\(policy)", "args": ["\(directory.file("record"))", "\(policy)", 3000]}
            """
        }
        let path = directory.file("schedules.json")
        try "{\"schedules\": [\(entries.joined(separator: ","))]}".write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
        return path
    }

    /// Suspends the worker while it holds so many jobs: they do not end before it is killed.
    private static func suspend(_ workers: Fleet, holding jobs: Int, _ rig: Rig<TimerThread>) async throws {
        try await eventually("\(jobs) jobs in flight") {
            guard try await rig.store.counts().inFlight >= jobs else { return false }
            try await workers.freeze()
            if try await rig.store.counts().inFlight >= jobs { return true }
            await workers.resume()
            return false
        }
    }

    /// Some occurrences later the first two have still one job, and the third one more an occurrence.
    private static func expectWaiting(_ rig: Rig<TimerThread>) async throws {
        let record = try #require(try await rig.record("skip"))
        let next = try #require(record.next)
        let replaced = try #require(try await rig.record("cancelPrevious")).count
        try await eventually("three occurrences") {
            let nexts = try await (rig.record("skip")?.next ?? 0, rig.record("bufferOne")?.next ?? 0)
            return try await (min(nexts.0, nexts.1) - next, rig.record("cancelPrevious")?.count ?? 0)
        } until: {
            $0.0 >= 3 && $0.1 > replaced
        }
        let skip = try #require(try await rig.record("skip"))
        #expect(skip.count == record.count)
        #expect(skip.history.last?.kind == .overlapped)
        let buffer = try #require(try await rig.record("bufferOne"))
        #expect(buffer.history.last?.kind == .buffered)
        #expect(buffer.history.last?.at == buffer.buffered)
    }

    /// The job has been run again and has ended: the next one is enqueued, and what waited is released.
    private static func expectGoingOn(_ rig: Rig<TimerThread>) async throws {
        for policy in ["skip", "bufferOne"] {
            try await eventually("the next job of \(policy)") {
                try await rig.record(policy)?.count ?? 0
            } until: {
                $0 >= 2
            }
        }
    }

    /// The jobs that were replaced are discarded without running, also the one that the dead process held.
    private static func expectOnlyNewest(_ rig: Rig<TimerThread>, since first: Int) async throws {
        let history = try #require(try await rig.record("cancelPrevious")).history
        let jobs = history.filter { $0.kind == .enqueued && $0.at >= first }.compactMap(\.jid)
        #expect(jobs.count >= 2)
        let outcomes = try await eventually("the outcomes of all jobs") {
            let slots = (0..<ScheduleRecord.historyLimit).map { Keys.outcome("cancelPrevious", slot: $0) }
            return try await rig.keys.values(of: slots).compactMap { $0.flatMap { JobOutcome($0) } }
        } until: {
            Set($0.map(\.jid)).isSuperset(of: jobs)
        }
        for outcome in outcomes where jobs.contains(outcome.jid) {
            #expect(outcome.kind == (outcome.jid == jobs.last ? "done" : "discarded"))
        }
    }
}
