import Synchronization
import TestSupport
import Testing

@testable import Wingman
@testable import WingmanTesting

extension InboxOnStores {
    @Suite("The end of an inbox on every store", .timeLimit(.minutes(5)))
    struct InboxLeavingTests {
        @Test("What is not settled goes back in its order, on each of its lists", arguments: InboxStores.allCases)
        func giveBack(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let lists = ["one", "two"]
                let process = try await InboxProcess.start(on: bench.store)
                let all = lists.map { list in (0..<700).map { "\(list) \($0)" } }
                for (list, messages) in zip(lists, all) { try await bench.send(messages, to: list) }
                let inbox = try process.environment.inbox(lists: lists)
                var held: [Inbox.Message] = []
                for _ in 0..<3 { held += try await inbox.exchange(upTo: 400) ?? [] }
                #expect(held.map(\.text) == Array(all.flatMap(\.self).prefix(1_200)))
                let done = held.filter { $0.id % 7 == 0 }
                process.life.quiet()
                #expect(try await inbox.exchange(done.map { Inbox.Settlement($0, .done) }, upTo: 5) == nil)
                #expect(await inbox.close())
                let gone = Set(done.map(\.text))
                for (list, messages) in zip(lists, all) {
                    #expect(try await bench.list(list) == messages.filter { !gone.contains($0) })
                }
                #expect(try await bench.store.counts().inFlight == 0)
            }
        }

        /// On Redis a blocked call takes what is pushed meanwhile: it is newer than what goes back, and must not be before it.
        @Test(
            "What is pushed while the process goes quiet stays behind what goes back",
            arguments: InboxStores.allCases
        )
        func pushedMeanwhile(stores: InboxStores) async throws {
            for round in 0..<8 {
                try await stores.run { bench, _ in
                    try await bench.send(["a", "b"], to: "requests")
                    let process = try await InboxProcess.start(on: bench.store)
                    let hasReceived = Mutex(false)
                    let owner = process.own(["requests"]) { inbox in
                        let first = try await inbox.exchange(upTo: 3) ?? []
                        hasReceived.withLock { $0 = true }
                        var others: [Inbox.Message] = []
                        while let more = try await inbox.exchange(upTo: 1) { others += more }
                        let isReturned = await inbox.close()
                        return (first.map(\.text), others.map(\.text), isReturned)
                    }
                    try await eventually("it has them") { hasReceived.withLock(\.self) }
                    for _ in 0..<round * 20 { await Task.yield() }
                    async let pushed: Void = bench.send(["c"], to: "requests")
                    process.life.quiet()
                    try await pushed
                    let (first, others, isReturned) = try await owner.value
                    #expect(first == ["a", "b"])
                    #expect(others.isEmpty || others == ["c"])
                    #expect(isReturned)
                    #expect(try await bench.list("requests") == ["a", "b", "c"])
                    #expect(try await bench.store.leave(process.life.candidate.process), "nothing is left in its hands")
                }
            }
        }

        @Test(
            "A message that kills is received alone each time, and can be put away at its third",
            arguments: InboxStores.allCases
        )
        func poison(stores: InboxStores) async throws {
            try await stores.run { bench, keeper in
                try await bench.send(["poison", "b"], to: "requests")
                for crashes in 0..<3 {
                    let process = try await InboxProcess.start(on: bench.store)
                    let inbox = try process.environment.inbox(list: "requests")
                    let messages = try #require(try await inbox.exchange(upTo: 1))
                    #expect(messages.map(\.crashes) == [crashes])
                    #expect(messages.map(\.text) == ["poison"])
                    try await bench.killAll(but: keeper)
                    withExtendedLifetime(inbox) {}
                }
                let process = try await InboxProcess.start(on: bench.store)
                let inbox = try process.environment.inbox(list: "requests")
                var received = try await inbox.exchange(upTo: 5)
                // The process stands still for it: an exchange says so by ending with nothing.
                if received?.isEmpty == true { received = try await inbox.exchange(upTo: 5) }
                let message = try #require(received?.first)
                #expect(message.crashes == 3)
                #expect(try await bench.list("requests") == ["b"], "alone")
                try await inbox.settle(message, .append(list: "dead", message.body))
                #expect(try await bench.list("dead") == ["poison"])
                #expect(try await inbox.exchange(upTo: 5)?.map(\.text) == ["b"])
                await inbox.close()
            }
        }

        /// Owners come one after the other, and end by a stop, by letting go, by a lost lease or by death; replies and requests
        /// are lost on the way. Each message is done once, in the order in which they were pushed.
        @Test(
            "Whatever becomes of its owners, each message is done once and in order",
            arguments: InboxStores.allCases,
            1...4
        )
        func owners(stores: InboxStores, seed: Int) async throws {
            try await stores.run { bench, keeper in
                var random = SeededGenerator(seed: UInt64(seed))
                let messages = (0..<120).map(String.init)
                try await bench.send(messages, to: "requests")
                let plan = FaultyStore.Plan(
                    seed: UInt64(seed),
                    lostRequests: 10,
                    lostReplies: 10,
                    calls: [.step, .wait, .stopWaiting]
                )
                let store = FaultyStore(bench.store, plan: plan)
                while try await bench.list("log").count < messages.count {
                    let process = try await InboxProcess.start(on: store)
                    let (credit, portion) = (random.number(1..<30), random.number(0..<30))
                    let end = Ending.allCases[random.number(0..<Ending.allCases.count)]
                    let owner = process.own(["requests"]) { inbox in
                        try await Self.handle(portion, credit, inbox, bench)
                        switch end {
                        case .stop:
                            process.life.quiet()
                            #expect(await inbox.close())
                        case .letGo: break
                        case .lostLease: try await bench.store.abandon(process.life.candidate.process)
                        case .death: try await bench.killAll(but: keeper)
                        }
                        withExtendedLifetime(inbox) {}
                    }
                    try await owner.value
                    try await eventually("everything is back") {
                        try await bench.rescueAll()
                        return try await bench.store.counts().inFlight == 0
                    }
                }
                #expect(try await bench.list("log") == messages)
                #expect(try await bench.list("requests").isEmpty)
            }
        }

        private enum Ending: CaseIterable {
            case stop
            case letGo
            case lostLease
            case death
        }

        /// Receives by batches and ends `portion` messages in their order; leaves the rest as it is.
        private static func handle(_ portion: Int, _ credit: Int, _ inbox: Inbox, _ bench: Bench) async throws {
            var left = portion
            var ends: [Inbox.Settlement] = []
            while left > 0 {
                if ends.isEmpty, try await bench.list("requests").isEmpty { return }
                let messages = try await inbox.exchange(ends, upTo: credit) ?? []
                ends = messages.prefix(left).map {
                    Inbox.Settlement($0, .done, effects: [.append(list: "log", payload: $0.body)])
                }
                left -= ends.count
            }
        }
    }
}
