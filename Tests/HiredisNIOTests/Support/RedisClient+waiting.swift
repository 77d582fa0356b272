import Synchronization

@testable import HiredisNIO

extension RedisClient {
    /// Returns when the server has `count` blocked clients. It asks until then: Redis tells nobody when a client blocks.
    func untilBlocked(_ count: Int) async throws {
        while true {
            let text = try await self.send("INFO", "clients").string ?? ""
            if text.contains("blocked_clients:\(count)\r\n") { return }
            await Task.yield()
        }
    }

    /// Whether a command waits for a connection.
    var hasWaiting: Bool { self.state.withLock { $0.waitingCount > 0 } }
}
