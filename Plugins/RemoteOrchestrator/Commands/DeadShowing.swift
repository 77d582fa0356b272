import ArgumentParser
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `orchestrator dead list`.
struct DeadList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List dead messages without what they hold, the youngest last."
    )
    @OptionGroup var selection: DeadSelection
    @Option(help: "Show at most so many, the youngest.") var limit = 50
    @OptionGroup var store: DeskStore
    @OptionGroup var format: DeskFormat

    func validate() throws {
        if self.limit < 0 { throw ValidationError("--limit is zero or more.") }
    }

    func run() async throws {
        let (letters, count) = try await self.store.with { store, desk in
            try await desk.deadLetters(store)
                .letters(self.selection.filter(), limit: self.limit)
        }
        let reports = letters.map(DeadLetterReport.init)
        guard !self.format.isJSON else { return try reports.forEach(DeskOutput.json) }
        guard count > 0 else { return print("no dead letters") }
        DeskOutput.table(DeadLetterReport.heading, reports.map(\.row))
        if count > letters.count { print("… and \(count - letters.count) older ones: --limit \(count) shows all") }
    }
}

/// `orchestrator dead show`.
struct DeadShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print dead messages whole, with their failures and what they hold."
    )
    @Argument(help: ArgumentHelp("Messages' ids, or numbers of `dead list` as #12.", valueName: "name"))
    var names: [String]
    @OptionGroup var store: DeskStore
    @OptionGroup var format: DeskFormat

    func run() async throws {
        let letters = try await self.store.with { store, desk in
            try await desk.deadLetters(store)
                .named(DeadLetterFilter(names: self.names))
        }
        for (index, letter) in letters.enumerated() {
            if self.format.isJSON {
                DeskOutput.json(bytes: letter.entry.payload)
            } else {
                if index > 0 { print("") }
                for line in letter.text { print(DeskOutput.printable(line)) }
            }
        }
    }
}

/// One dead letter as `dead list` shows it.
struct DeadLetterReport: Encodable, Equatable {
    let number: Int
    let id: String?
    let client: String?
    let reason: String
    let at: String?
    let attempts: Int?
    let detail: String
    /// Of the message, in bytes.
    let size: Int?

    init(_ letter: DeadLetterLine) {
        self.number = letter.number
        self.id = letter.id
        self.client = letter.client
        self.reason = letter.reason
        self.at = letter.at?.formatted(.iso8601)
        self.attempts = letter.attempts
        self.detail = letter.detail
        self.size = letter.size
    }

    static let heading = ["#", "ID", "CLIENT", "REASON", "AT", "ATTEMPTS", "BYTES", "DETAIL"]

    /// In a table a long detail is cut: `dead show` has all of it.
    var row: [String] {
        let detail = self.detail.count > 80 ? "\(self.detail.prefix(79))…" : self.detail
        return [
            "\(self.number)", self.id ?? "-", self.client ?? "-", self.reason, self.at ?? "-",
            self.attempts.map(String.init) ?? "-", self.size.map(String.init) ?? "-", detail,
        ]
    }
}

extension DeadLetterLine {
    /// All there is to know, a line each.
    var text: [String] {
        let facts: [(String, String?)] = [
            ("number", "#\(self.number)"), ("id", self.id), ("client", self.client), ("reason", self.reason),
            ("detail", self.detail), ("at", self.at?.formatted(.iso8601)), ("attempts", self.attempts.map(String.init)),
            ("process", self.process),
        ]
        let failures = self.failures.map { failure in
            let at = failure.at.map { Date(timeIntervalSince1970: Double($0) / 1_000).formatted(.iso8601) } ?? "?"
            return "failed \(at): \(failure.error)"
        }
        let message =
            self.raw.map { raw in
                String(validating: raw, as: UTF8.self).map { "message: \($0)" }
                    ?? "message, Base64: \(Data(raw).base64EncodedString())"
            } ?? "message: none; stored is \(String(decoding: self.entry.payload, as: UTF8.self))"
        return facts.compactMap { name, value in value.map { "\(name): \($0)" } } + failures + [message]
    }
}
