import TestSupport
import Testing

@testable import Wingman
@testable import WingmanTesting

extension InboxOnStores {
    @Suite("What a plugin does with lists of messages", .timeLimit(.minutes(2)))
    struct InboxSurfaceTests {
        @Test("A client sends a message and waits for the reply", arguments: InboxStores.allCases)
        func reply(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let client = Client(store: bench.store)
                try await client.append("question".bytes, to: "requests")
                let process = try await InboxProcess.start(on: bench.store)
                let inbox = try process.environment.inbox(list: "requests")
                let message = try #require(try await inbox.receive())
                let answer = Effect.append(list: "replies:1", payload: "answer".bytes, expiry: .seconds(60))
                try await inbox.settle(message, .done, effects: [answer])
                #expect(try await client.receive(from: "replies:1", timeout: .seconds(60))?.text == "answer")
                #expect(try await client.receive(from: "replies:1", timeout: .milliseconds(10)) == nil)
                await inbox.close()
            }
        }

        @Test("What is appended with an expiry goes away", arguments: InboxStores.allCases)
        func expiry(stores: InboxStores) async throws {
            try await stores.run { bench, keeper in
                let client = Client(store: bench.store)
                try await client.append("late".bytes, to: "control", expiry: .seconds(60))
                try await bench.pass(.seconds(61), beating: keeper)
                #expect(try await client.receive(from: "control", timeout: .milliseconds(10)) == nil)
            }
        }

        @Test(
            "Messages are moved and deleted in lists and in what waits for them, nowhere else",
            arguments: InboxStores.allCases
        )
        func edit(stores: InboxStores) async throws {
            try await stores.run { bench, _ in
                let environment = try await InboxProcess.start(on: bench.store).environment
                try await bench.send(["a", "b", "c"], to: "dead")
                let entries = try await environment.entries(in: .list("dead"), limit: 5)
                let replayed = Entry(payload: "a, again".bytes)
                let edits: [EntryEdit] = [.move(entries[0], to: .list("requests"), as: replayed), .delete(entries[1])]
                #expect(try await environment.edit(edits, in: .list("dead")) == 2)
                #expect(try await environment.edit(edits, in: .list("dead")) == 0)
                #expect(try await bench.list("dead") == ["c"])
                #expect(try await bench.list("requests") == ["a, again"])
                let places: [Place] = [.queue("default"), .retry, .schedule, .dead, .quarantine]
                for place in places {
                    await #expect(throws: ConfigurationError.self) { try await environment.edit([], in: place) }
                    await #expect(throws: ConfigurationError.self) {
                        try await environment.edit([.move(replayed, to: place)], in: .list("requests"))
                    }
                }
            }
        }

        @Test("A plugin sees the processes and the services", arguments: InboxStores.allCases)
        func processes(stores: InboxStores) async throws {
            try await stores.run { bench, keeper in
                let process = try await InboxProcess.start(on: bench.store)
                let names = try await process.environment.processes().map(\.process)
                #expect(Set(names) == [process.life.candidate.process, keeper.process])
                #expect(process.environment.services.names == ["mailer"])
            }
        }

        @Test("A destination that cannot be written holds up nothing else, and is written when it can be")
        func unwritable() async throws {
            try await InboxStores.redis.run { bench, _ in
                let process = try await InboxProcess.start(on: bench.store)
                try await bench.send(["bad", "b"], to: "requests")
                try await bench.under(.unwritable(.list("graveyard"))) {
                    let inbox = try process.environment.inbox(list: "requests")
                    let bad = try #require(try await inbox.receive())
                    let key = process.environment.keys.key("buried")
                    let end = Inbox.Settlement(bad, .append(list: "graveyard", bad.body), effects: [.count(key, by: 1)])
                    #expect(try await inbox.exchange([end], upTo: 5)?.map(\.text) == ["b"])
                    #expect(inbox.refusals.map(\.settlement.message.text) == ["bad"])
                    #expect(try await process.environment.keys.value(of: "buried") == nil)
                    try await bench.fixture.relieve(.unwritable(.list("graveyard")))
                    // It is tried again after a second.
                    while !inbox.refusals.isEmpty { _ = try await inbox.exchange(upTo: 0) }
                    #expect(try await bench.list("graveyard") == ["bad"])
                    #expect(try await process.environment.keys.value(of: "buried")?.text == "1")
                    await inbox.close()
                }
            }
        }
    }
}
