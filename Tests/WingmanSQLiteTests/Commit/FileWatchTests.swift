import Dispatch
import Foundation
import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("The file under a store")
struct FileWatchTests {
    @Test("Calls fail, and say so, once the file is gone, or another one has its name", arguments: [false, true])
    func lost(isReplaced: Bool) async throws {
        let time = ManualTime()
        try await StoreFixture.with(time: time) { fixture in
            try await fixture.push("a")
            let aside = fixture.directory.file("aside.db")
            try FileManager.default.moveItem(atPath: fixture.path, toPath: aside)
            if isReplaced { try Data().write(to: URL(fileURLWithPath: fixture.path)) }
            await time.advance(by: .seconds(1))
            for _ in 0..<2 {
                let error = await #expect(throws: StoreError.self) { try await fixture.push("b") }
                #expect(error?.code == .refused)
                #expect(error?.mayHaveRun == false)
                #expect(error?.message.contains("moved or deleted under this process: restart it") == true)
            }

            if isReplaced { try FileManager.default.removeItem(atPath: fixture.path) }
            try FileManager.default.moveItem(atPath: aside, toPath: fixture.path)
            await time.advance(by: .seconds(1))
            try await fixture.push("c")
            #expect(try await fixture.texts(.queue("default")).sorted() == ["a", "c"])
        }
    }

    @Test("A log that grew during a long read is emptied after it, and pushes go on meanwhile")
    func longLog() async throws {
        let time = ManualTime()
        // A log of more than 4 · 10 pages is long.
        let longest = 4 * 10 * 4_096
        try await StoreFixture.with("?wal_autocheckpoint=10", time: time) { fixture in
            let log = "\(fixture.path)-wal"
            let other = try await fixture.another()
            let gate = DispatchSemaphore(value: 0)
            let (reading, isReading) = AsyncStream.makeStream(of: Void.self)
            async let read: Int = other.store.read { transaction in
                let count = try transaction.counts().queues.count
                isReading.finish()
                gate.wait()
                return count
            }
            for await _ in reading {}
            for _ in 0..<20 {
                try await fixture.push(String(repeating: "x", count: 20_000))
                await time.advance(by: .seconds(1))
            }
            let grown = try #require(StoreFile.facts(log)?.size)
            #expect(grown > 2 * longest)
            gate.signal()
            #expect(try await read == 0)

            for _ in 0..<40 {
                await time.advance(by: .seconds(1))
                try await fixture.push(String(repeating: "x", count: 20_000))
            }
            // The log is emptied after the answer, and before the next call.
            _ = try await fixture.store.write { try $0.source(named: "queue:default")?.id }
            #expect(try #require(StoreFile.facts(log)?.size) <= longest)
            #expect(try await fixture.store.counts().queues == ["default": 60])
            await other.store.close()
        }
    }

    @Test("A store in memory has no file to lose")
    func memory() async throws {
        let time = ManualTime()
        let store = SQLiteStore(try SQLiteAddress(url: "sqlite::memory:"), time: time, logger: StoreFixture.quiet)
        try await store.open()
        for _ in 0..<3 {
            try await store.enqueue([PushedJob(queue: "default", payload: bytes("a"))])
            await time.advance(by: .seconds(2))
        }
        #expect(try await store.counts().queues == ["default": 3])
        await store.close()
    }
}
