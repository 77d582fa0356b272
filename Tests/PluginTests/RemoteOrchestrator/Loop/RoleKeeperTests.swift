import Supervision
import TestSupport
import Testing
import Wingman
import WingmanTesting

@testable import WingmanRemoteOrchestrator

/// Roles at the end of a process's time with messages.
@Suite("The roles of a process", .timeLimit(.minutes(2)))
struct RoleKeeperTests {
    @Test("are not given back under another identity than they were taken under")
    func formerIdentity() async throws {
        let bench = LaneBench()
        let roles = bench.workshop.roles
        try await bench.beat()
        let first = try #require(try await roles.takeNow("lane/m"))
        bench.fence()
        try await bench.beat()
        try await roles.release("lane/m")
        #expect(try await bench.owner() == first.rawValue)
        #expect(try await roles.takeNow("lane/m") == nil, "the former identity may still hold messages")
        try await bench.memory.abandon(first)
        try await eventually("the role under the new identity") {
            await bench.time.advance(by: .seconds(7_200))
            _ = try await bench.memory.rescue()
            return try await roles.takeNow("lane/m") != nil
        }
    }
}
