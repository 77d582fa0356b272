import Synchronization
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanTesting

extension InboxOnStores {
    @Suite("An inbox on every store", .timeLimit(.minutes(3)))
    struct InboxStoreTests {
        @Test("Order is kept over batches and lists, and the credit is never exceeded", arguments: InboxStores.allCases)
        func order(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let lists = ["high", "plain", "low"]
                let process = try await InboxProcess.start(on: bench.store)
                let all = lists.map { list in (0..<300).map { "\(list) \($0)" } }
                for (list, messages) in zip(lists, all) { try await bench.send(messages, to: list) }
                let received = process.own(lists) { inbox in
                    let handlers = Handlers(waker: inbox.waker)
                    var bodies: [String] = []
                    // Without a handler nobody else would end an exchange without credit.
                    inbox.waker.ring()
                    while bodies.count < 900 {
                        let settlements = handlers.takeEnded()
                        let credit = Int.random(in: 0...40)
                        let messages = try await inbox.exchange(settlements, upTo: credit) ?? []
                        #expect(messages.count <= credit)
                        bodies += messages.map(\.text)
                        handlers.begin(messages)
                        if messages.isEmpty, handlers.running == 0 { inbox.waker.ring() }
                    }
                    try await handlers.allEnded()
                    try await inbox.settle(handlers.takeEnded())
                    return bodies
                }
                #expect(try await received.value == all.flatMap(\.self))
                #expect(try await bench.store.counts().inFlight == 0)
            }
        }

        @Test("The waker ends a wait on the store, and a push does", arguments: InboxStores.allCases)
        func wakes(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let process = try await InboxProcess.start(on: bench.store)
                let wakers = Mutex<InboxWaker?>(nil)
                let steps = Mutex(0)
                let owner = process.own(["requests"]) { inbox in
                    wakers.withLock { $0 = inbox.waker }
                    let none = try await inbox.exchange(upTo: 1)
                    steps.withLock { $0 = 1 }
                    return (none?.count, try await inbox.exchange(upTo: 1)?.map(\.text))
                }
                try await eventually("it waits") { wakers.withLock { $0 != nil } }
                wakers.withLock { $0?.ring() }
                try await eventually("it returned") { steps.withLock { $0 == 1 } }
                try await bench.send(["a"], to: "requests")
                let (none, messages) = try await owner.value
                #expect(none == 0)
                #expect(messages == ["a"])
            }
        }

        @Test(
            "Effects are applied with the end, and not at all when the message is another's",
            arguments: InboxStores.allCases
        )
        func effects(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let process = try await InboxProcess.start(on: bench.store)
                let key = process.environment.keys.key("handled")
                try await bench.send(["a", "b"], to: "requests")
                let inbox = try process.environment.inbox(list: "requests")
                let messages = try #require(try await inbox.exchange(upTo: 2))
                let effects: [Effect] = [.count(key, by: 1), .append(list: "replies", payload: [1])]
                try await inbox.settle(messages[0], .done, effects: effects)
                #expect(try await process.environment.keys.value(of: "handled")?.text == "1")

                // Others get what it holds; it does not know yet.
                try await bench.store.abandon(process.life.candidate.process)
                try await bench.rescueAll()
                try await inbox.settle(messages[1], .append(list: "elsewhere", [2]), effects: effects)
                try await process.register()
                inbox.waker.ring()
                _ = try await inbox.exchange(upTo: 0)
                #expect(inbox.takeLost().map(\.text) == ["b"])
                #expect(try await process.environment.keys.value(of: "handled")?.text == "1")
                #expect(try await bench.list("replies").count == 1)
                #expect(try await bench.list("elsewhere").isEmpty)
                #expect(try await inbox.receive()?.text == "b", "it is there for the next incarnation")
                await inbox.close()
            }
        }

        @Test("A message for later comes back when it is due, behind all others", arguments: InboxStores.allCases)
        func later(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let process = try await InboxProcess.start(on: bench.store)
                let environment = process.environment
                #expect(try await environment.deliverDue(of: "requests", limit: 10) == (0, nil))
                try await bench.send(["a", "b"], to: "requests")
                let inbox = try environment.inbox(list: "requests")
                let first = try #require(try await inbox.receive())
                try await inbox.settle(first, .later(list: "requests", "a again".bytes, in: .seconds(5)))
                #expect(
                    try await environment.entries(in: .later("requests"), limit: 5).map(\.payload.text) == ["a again"]
                )
                let early = try await environment.deliverDue(of: "requests", limit: 10)
                #expect(early.moved == 0)
                #expect(early.nextDue.map { $0 > .seconds(4) && $0 <= .seconds(5) } == true)
                try await bench.fixture.advance(by: .seconds(5))
                #expect(try await environment.deliverDue(of: "requests", limit: 0) == (0, nil))
                #expect(try await environment.deliverDue(of: "requests", limit: 10) == (1, nil))
                #expect(try await inbox.exchange(upTo: 5)?.map(\.text) == ["b", "a again"])
                await inbox.close()
            }
        }

        @Test("A full batch of what is due says that there may be more", arguments: InboxStores.allCases)
        func manyDue(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let environment = try await InboxProcess.start(on: bench.store).environment
                let effects = (0..<7).map {
                    Effect.add(Entry(payload: "\($0)".bytes, at: Double($0)), to: .later("list"))
                }
                _ = try await bench.store.apply(Change(effects))
                #expect(try await environment.deliverDue(of: "list", limit: 5) == (5, .zero))
                #expect(try await environment.deliverDue(of: "list", limit: 5) == (2, nil))
                #expect(try await bench.list("list") == (0..<7).map(String.init))
            }
        }
    }
}

/// Handlers that run beside the owner of an inbox and end in any order.
final class Handlers: Sendable {
    private struct State {
        var running = 0
        var ended: [Inbox.Settlement] = []
    }

    private let state = Mutex(State())
    private let waker: InboxWaker

    init(waker: InboxWaker) {
        self.waker = waker
    }

    var running: Int { self.state.withLock { $0.running } }

    func begin(_ messages: [Inbox.Message]) {
        self.state.withLock { $0.running += messages.count }
        for message in messages {
            Task {
                for _ in 0..<Int.random(in: 0...5) { await Task.yield() }
                self.state.withLock { state in
                    state.running -= 1
                    state.ended.append(Inbox.Settlement(message, .done))
                }
                self.waker.ring()
            }
        }
    }

    func takeEnded() -> [Inbox.Settlement] {
        self.state.withLock { state in
            defer { state.ended = [] }
            return state.ended
        }
    }

    func allEnded() async throws {
        try await eventually("all handlers have ended") { self.running == 0 }
    }
}
