import Supervision
import Wingman

/// Puts away what lies in the lists of a client that nobody will handle.
struct LaneRefusal: Sendable {
    let client: String
    let workshop: Workshop

    private static let batch = 100
    /// A wait for messages that others have taken meanwhile ends after this time.
    private static let patience = Duration.seconds(1)

    /// Until the lists are empty, or it is closing.
    ///
    /// - Parameters:
    ///   - holder: Under which identity the lane's role is held, if it has one.
    ///   - isDue: Whether it is to go on, asked before each portion.
    func refuseAll(
        with refusal: Refusal,
        as holder: ProcessID? = nil,
        while isDue: () async throws -> Bool = { true }
    ) async throws {
        let environment = self.workshop.environment
        guard try await self.hasMessages() else { return }
        let lists = self.workshop.names.lanes(of: self.client)
        let undertaker = Undertaker(workshop: self.workshop)
        let inbox = try environment.inbox(lists: lists, suspects: .amongOthers, as: holder)
        do {
            while try await isDue(), try await self.hasMessages() {
                let waker = inbox.waker
                let timer = environment.time.schedule(after: Self.patience) { waker.ring() }
                defer { timer.cancel() }
                guard let messages = try await inbox.exchange(upTo: Self.batch) else { break }
                let count = try await undertaker.bury(messages, of: inbox, refusal)
                self.report(count, refusal.reason)
                // Refused by the store: later again.
                guard count == messages.count else { break }
            }
        } catch is InboxFenced {
            // What was held is others' now.
        }
        await inbox.close()
    }

    /// Whether anything lies in the client's lists.
    func hasMessages() async throws -> Bool {
        for list in self.workshop.names.lanes(of: self.client) {
            let entries = try await self.workshop.persist(
                "look for messages",
                unlessClosing: true
            ) {
                try await self.workshop.environment.entries(in: .list(list), limit: 1)
            }
            if let entries, !entries.isEmpty { return true }
        }
        return false
    }

    private func report(_ count: Int, _ reason: Refusal.Reason) {
        self.workshop.board.accepted(0, of: count, self.client)
        for _ in 0..<count {
            self.workshop.board.ended(.dead(reason), of: self.client)
            self.workshop.metrics.lane(of: self.client).ended(.dead(reason), after: nil)
            self.workshop.metrics.deadLetter(reason)
        }
    }
}
