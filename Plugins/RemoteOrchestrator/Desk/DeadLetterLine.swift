import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A dead letter as operators see it. It comes from the store, where anybody may write: what cannot be read is left out,
/// and nothing traps.
struct DeadLetterLine: Sendable, Equatable {
    /// One failed attempt.
    struct Failure: Sendable, Equatable {
        /// Milliseconds since 1970.
        let at: Int?
        let error: String
    }

    /// Its place in the list, from 1, the oldest first.
    let number: Int
    let id: String?
    let client: String?
    let reason: String
    let at: Date?
    let attempts: Int?
    let detail: String
    let process: String?
    let failures: [Failure]
    /// The message; nil if the letter holds none.
    private(set) var raw: [UInt8]?
    /// Of the message, in bytes.
    let size: Int?
    /// As it is stored.
    private(set) var entry: Entry

    /// The same without the message, which may be large.
    var summary: DeadLetterLine {
        var line = self
        line.raw = nil
        line.entry = Entry(payload: [])
        return line
    }

    init(_ entry: Entry, number: Int) {
        let view = try? JSONObjectView(entry.payload)
        self.number = number
        self.entry = entry
        self.id = view?.string("id")
        self.client = view?.string("client")
        self.reason = view?.string("reason") ?? "unreadable"
        self.at = view?.string("at").flatMap { try? Date($0, strategy: .iso8601) }
        self.attempts = view?.integer("attempts")
        self.detail = view?.string("detail") ?? ""
        self.process = view?.string("process")
        self.failures = view?.value(of: "errors").map { Self.failures(Array($0)) } ?? []
        let raw =
            view?.string("raw").map { Array($0.utf8) }
            ?? view?.string("raw_base64").flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        self.raw = raw
        self.size = raw?.count
    }

    private struct StoredFailure: Decodable {
        var at: Int?
        var error: String?
    }

    /// The letter was scanned as a whole, so that nothing in it is nested too deep.
    private static func failures(_ json: [UInt8]) -> [Failure] {
        let stored = (try? JSONDecoder().decode([StoredFailure].self, from: Data(json))) ?? []
        return stored.compactMap { failure in failure.error.map { Failure(at: failure.at, error: $0) } }
    }
}

extension JSONObjectView {
    /// A member that is an integer.
    func integer(_ name: String) -> Int? {
        self.value(of: name).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }
}

extension DeadLetterLine {
    /// The message as it goes back to the list; nil if the letter holds none.
    ///
    /// One without an id gets that of the letter, so that it keeps it.
    var replayed: [UInt8]? {
        guard let raw = self.raw else { return nil }
        guard let id = self.id, let view = try? JSONObjectView(raw), view.string("id")?.isEmpty != false,
            let brace = raw.lastIndex(of: UInt8(ascii: "}")),
            let name = try? JSONEncoder().encode(id)
        else { return raw }
        // At the end, since of a member that is there twice the last one counts: null is as good as none.
        let comma = view.names.isEmpty ? "" : ","
        return raw[..<brace] + Array("\(comma)\"id\":".utf8) + Array(name) + raw[brace...]
    }
}
