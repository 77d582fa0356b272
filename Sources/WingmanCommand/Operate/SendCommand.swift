import ArgumentParser
import Wingman
import WingmanCommandKit

/// `send`: a message into a plain list, where an orchestrator takes it.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send",
        abstract: "Send a message to a list, such as an orchestrator's inbox.",
        discussion: """
            Does on every store what redis-cli LPUSH does on Redis. The message is sent as it is: whether it can be read is \
            its receiver's affair, and what cannot goes to the dead letters.
            """
    )

    @Argument(help: "The list, such as requests.")
    var list: String

    @Argument(help: "The message; without it, each line of the standard input is one.")
    var message: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    /// Messages of one step.
    private static let portion = 500

    func run() async throws {
        let sent = try await Program.environment().withStore(at: self.store.url) { store in
            if let message {
                try await self.send([message], to: store)
                return 1
            }
            return try await self.sendLines(to: store)
        }
        try JobSelection.report("sent", sent, asJSON: self.format.isJSON)
    }

    private func send(_ messages: [String], to store: any Store) async throws {
        guard !messages.isEmpty else { return }
        let effects = messages.map { Effect.append(list: self.list, payload: Array($0.utf8)) }
        _ = try await store.apply(Change(effects))
    }

    /// If we die in here, what was sent stays sent.
    private func sendLines(to store: any Store) async throws -> Int {
        var lines = LineReader()
        var messages: [String] = []
        var sent = 0
        while let line = try lines.next() {
            guard !line.text.allSatisfy(\.isWhitespace) else { continue }
            messages.append(line.text)
            guard messages.count == Self.portion else { continue }
            try await self.send(messages, to: store)
            sent += messages.count
            messages.removeAll(keepingCapacity: true)
        }
        try await self.send(messages, to: store)
        return sent + messages.count
    }
}
