import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("A full disk", .enabled(if: Tmpfs.isAvailable, "needs root, to mount a tmpfs"))
struct FullDiskTests {
    /// A worker as far as the store sees it: keeps outcomes until they are acknowledged, and sends a failed step again.
    private struct Loop {
        let store: SQLiteStore
        let process: ProcessID
        var number = 1
        var held: [Claimed] = []
        var done: [String] = []
        /// The step that has no answer yet.
        var pending: Step?

        /// One try of a step: settles what it holds, and claims three.
        ///
        /// - Returns: The error, if it failed for want of room.
        mutating func turn() async throws -> StoreError? {
            let step =
                self.pending
                ?? Step(
                    process: self.process,
                    lane: 1,
                    number: self.number,
                    settlements: self.held.map { $0.settled() },
                    claim: 3,
                    sources: [.queue("default")]
                )
            self.pending = step
            do {
                guard case .done(let answers, let claimed, _) = try await self.store.step(step) else {
                    throw TestSupportError.process("the step was refused")
                }
                #expect(answers.allSatisfy { $0 == .settled })
                self.done += self.held.map(\.text)
                self.held = claimed
                self.pending = nil
                self.number += 1
                return nil
            } catch let error as StoreError where error.code == .full || error.code == .unavailable {
                return error
            }
        }
    }

    /// A client that keeps count of what was accepted.
    private struct Pusher {
        let store: SQLiteStore
        var number = 0
        var accepted: [String] = []

        /// - Returns: Whether there was room.
        mutating func push() async throws -> Bool {
            let text = "\(self.number) " + String(repeating: "x", count: 2_000)
            self.number += 1
            do {
                try await self.store.enqueue([PushedJob(queue: "default", payload: bytes(text))])
                self.accepted.append(text)
                return true
            } catch let error as StoreError where error.code == .full {
                #expect(!error.mayHaveRun)
                #expect(error.message.contains("no space left"))
                return false
            }
        }

        mutating func pushUntilFull() async throws {
            var refused = 0
            while refused < 3 {
                if try await !self.push() { refused += 1 }
                try #require(self.number < 5_000, "the disk never gets full")
            }
        }
    }

    @Test("Pushes fail loudly, outcomes are kept and settled when there is room, and nothing is lost")
    func fills() async throws {
        try await Tmpfs.with(kilobytes: 4_000) { disk in
            let url = "sqlite:\(disk.directory.file("store.db"))"
            let store = try SQLiteStore(url: url, logger: StoreFixture.quiet)
            try await store.open()
            let process = ProcessID(rawValue: "host:1:a")
            _ = try await store.beat(.of(process, .register, number: 1))
            var loop = Loop(store: store, process: process)
            var pusher = Pusher(store: store)
            for _ in 0..<60 { #expect(try await pusher.push()) }
            _ = try await loop.turn()
            #expect(loop.held.count == 3)
            for round in 0..<5 {
                let failures = try await Self.round(disk, &pusher, &loop)
                if round == 0 { #expect(failures > 0, "the full disk stopped nothing: the test proves nothing") }
                #expect(try await store.beat(.of(process, number: round + 2)).isAlive)
            }
            while loop.done.count < pusher.accepted.count, try await loop.turn() == nil {}
            #expect(loop.done.sorted() == pusher.accepted.sorted())
            await store.close()
            try await Self.expectWhole(url, processed: pusher.accepted.count)
        }
    }

    /// Fills the disk, lets the worker go on as far as it can, and makes room again.
    ///
    /// - Returns: How many of the worker's steps failed.
    private static func round(_ disk: Tmpfs, _ pusher: inout Pusher, _ loop: inout Loop) async throws -> Int {
        try disk.fill()
        try await pusher.pushUntilFull()
        var failures = 0
        for _ in 0..<5 where try await loop.turn() != nil { failures += 1 }
        _ = try await pusher.store.counts()
        disk.makeRoom()
        #expect(try await pusher.push(), "a push after there is room")
        #expect(try await loop.turn() == nil)
        return failures
    }

    private static func expectWhole(_ url: String, processed: Int) async throws {
        let again = try SQLiteStore(url: "\(url)?check=full", logger: StoreFixture.quiet)
        try await again.open()
        #expect(try await again.counts().processed == processed)
        await again.close()
    }

    @Test("A claim of large jobs that has no room is made again, whole, when there is some")
    func largeClaim() async throws {
        try await Tmpfs.with(kilobytes: 64_000) { disk in
            let url = "sqlite:\(disk.directory.file("store.db"))"
            let store = try SQLiteStore(url: url, logger: StoreFixture.quiet)
            try await store.open()
            let process = ProcessID(rawValue: "host:1:a")
            _ = try await store.beat(.of(process, .register, number: 1))
            // More than SQLite's cache takes: it needs the log in the middle of the claim.
            let large = String(repeating: "x", count: 10 << 20)
            try await store.enqueue(["a", large, "b"].map { PushedJob(queue: "default", payload: bytes($0)) })
            var loop = Loop(store: store, process: process)
            try disk.fill()
            for _ in 0..<2 { #expect(try await loop.turn()?.code == .full) }
            disk.makeRoom()
            try #require(try await loop.turn() == nil)
            #expect(loop.held.map(\.payload.count) == [1, 10 << 20])
            try #require(try await loop.turn() == nil)
            #expect(loop.held.map(\.text) == ["b"])
            await store.close()
        }
    }

    @Test("A store cannot be made on a full disk: the error says so")
    func atOpening() async throws {
        try await Tmpfs.with(kilobytes: 64) { disk in
            try disk.fill()
            let store = try SQLiteStore(url: "sqlite:\(disk.directory.file("a/store.db"))", logger: StoreFixture.quiet)
            let error = await #expect(throws: StoreError.self) { try await store.open() }
            #expect(error?.code == .full)
            await store.close()
            disk.makeRoom()
        }
    }
}
