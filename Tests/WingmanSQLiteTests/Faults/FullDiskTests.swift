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

    @Test("Pushes fail loudly, outcomes are kept and settled when there is room, and nothing is lost")
    func fills() async throws {
        try await Tmpfs.with(kilobytes: 4_000) { disk in
            let store = try SQLiteStore(url: "sqlite:\(disk.directory.file("store.db"))", logger: StoreFixture.quiet)
            try await store.open()
            let process = ProcessID(rawValue: "host:1:a")
            _ = try await store.beat(.of(process, .register, number: 1))
            var loop = Loop(store: store, process: process)
            var accepted: [String] = []
            var refused = 0
            func push(_ number: Int) async throws {
                let text = "\(number) " + String(repeating: "x", count: 2_000)
                do {
                    try await store.enqueue([PushedJob(queue: "default", payload: bytes(text))])
                    accepted.append(text)
                } catch let error as StoreError where error.code == .full {
                    #expect(!error.mayHaveRun)
                    #expect(error.message.contains("no space left"))
                    refused += 1
                }
            }
            for number in 0..<60 { try await push(number) }
            _ = try await loop.turn()
            #expect(loop.held.count == 3)
            var number = 60
            for round in 0..<5 {
                try disk.fill()
                refused = 0
                while refused < 3 {
                    try await push(number)
                    number += 1
                    #expect(number < 5_000, "the disk never gets full")
                }
                // The worker goes on as far as it can, and loses nothing.
                var failures = 0
                for _ in 0..<5 where try await loop.turn() != nil { failures += 1 }
                _ = try await store.counts()
                disk.makeRoom()
                if round == 0 { #expect(failures > 0, "the full disk stopped nothing: the test proves nothing") }
                try await push(number)
                number += 1
                #expect(accepted.last?.hasPrefix("\(number - 1) ") == true, "a push after there is room")
                #expect(try await loop.turn() == nil)
                #expect(try await store.beat(.of(process, number: round + 2)).isAlive)
            }
            while loop.done.count < accepted.count, try await loop.turn() == nil {}
            #expect(loop.done.sorted() == accepted.sorted())
            await store.close()
            // And the file is whole.
            let again = try SQLiteStore(
                url: "sqlite:\(disk.directory.file("store.db"))?check=full",
                logger: StoreFixture.quiet
            )
            try await again.open()
            #expect(try await again.counts().processed == accepted.count)
            await again.close()
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
