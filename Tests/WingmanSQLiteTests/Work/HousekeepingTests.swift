import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

@Suite("Housekeeping on SQLite")
struct HousekeepingTests {
    @Test("Keys and lists that expired are forgotten as fast as rescues are asked for, in a grace as well")
    func housekeeping() async throws {
        try await StoreFixture.with { fixture in
            for round in 1...2 {
                for start in stride(from: 0, to: 3_000, by: 500) {
                    let effects = (start..<start + 500).flatMap { number -> [Effect] in
                        [
                            .put(StoreKey("test", "\(number)"), bytes("k"), expiry: .seconds(60)),
                            .append(list: "reply-\(number)", payload: bytes("r"), expiry: .seconds(60)),
                        ]
                    }
                    _ = try await fixture.store.apply(Change(effects))
                }
                fixture.clock.advance(by: .seconds(61))
                // The second time somebody lives, and the grace is over.
                if round == 2 { try await fixture.passGrace() }
                var replies: [RescueReply] = []
                repeat { replies.append(try await fixture.store.rescue()) } while replies[replies.count - 1].hasMore
                #expect((6...8).contains(replies.count), "each does a portion, the last one says that it is over")
                let left = try await fixture.store.write { transaction in
                    (
                        try transaction.database.row("SELECT count(*) FROM keys") { $0.int(0) },
                        try transaction.database.row("SELECT count(*) FROM jobs") { $0.int(0) },
                        try transaction.database.row("SELECT count(*) FROM sources") { $0.int(0) }
                    )
                }
                #expect(left.0 == 0)
                #expect(left.1 == 0)
                #expect(left.2 ?? 0 <= 1_000)
                #expect(try await !fixture.store.rescue().hasMore)
            }
        }
    }
}
