import Foundation
import StoreTestSupport
import SupervisionTesting
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
