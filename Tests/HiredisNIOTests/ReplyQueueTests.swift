import NIOCore
import Testing

@testable import HiredisNIO

@Suite("Who waits for which reply")
struct ReplyQueueTests {
    private func deadline(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(seconds) }

    private func completed(_ received: ReplyQueue<String>.Received) -> String? {
        guard case .completed(let waiter, let replies) = received else { return nil }
        return waiter + replies.compactMap(\.integer).map(String.init).joined()
    }

    @Test("first in, first out; a batch waits for all of its replies")
    func order() {
        var queue = ReplyQueue<String>()
        queue.append("a", replies: 1, deadline: self.deadline(1))
        queue.append("b", replies: 2, deadline: self.deadline(1))
        queue.append("c", replies: 1, deadline: self.deadline(1))
        let received = (1...4).map { queue.receive(.integer($0)) }
        #expect(received.map(self.completed) == ["a1", nil, "b23", "c4"])
        #expect(queue.isEmpty)
    }

    @Test("a reply when nobody waits is unexpected")
    func unexpected() {
        var queue = ReplyQueue<String>()
        guard case .unexpected = queue.receive(.null) else {
            Issue.record("taken by somebody")
            return
        }
    }

    @Test("the overdue are told from the others")
    func overdue() {
        var queue = ReplyQueue<String>()
        for seconds in [3, 1, 2] as [Int64] {
            queue.append("\(seconds)", replies: 1, deadline: self.deadline(seconds))
        }
        #expect(queue.earliestDeadline == self.deadline(1))
        let all = queue.removeAll(asOf: self.deadline(2))
        #expect(all.expired == ["1", "2"])
        #expect(all.others == ["3"])
        #expect(queue.isEmpty)
        #expect(queue.earliestDeadline == nil)
    }
}
