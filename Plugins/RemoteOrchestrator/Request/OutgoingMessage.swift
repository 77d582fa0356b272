import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message of version 1 on its way to a list: its members in the form of the envelope.
struct OutgoingMessage: Encodable, Equatable {
    struct Trace: Encodable, Equatable {
        let traceparent: String
    }

    let v = 1
    let id: String
    let client: String
    let type: String?
    let replyTo: String?
    let correlationID: String?
    let deadline: Int?
    let key: String?
    let priority: Int?
    let idempotencyKey: String?
    let headers: [String: String]?
    let trace: Trace?
    let ts: Int

    enum CodingKeys: String, CodingKey {
        case v
        case id
        case client
        case type
        case replyTo = "reply_to"
        case correlationID = "correlation_id"
        case deadline
        case key
        case priority
        case idempotencyKey = "idempotency_key"
        case headers
        case trace
        case ts
    }

    /// A message for `client`.
    ///
    /// - Throws: ``RequestError/invalid(_:)`` with what the orchestrator would refuse.
    init(to client: String, options: MessageOptions, replyTo: String? = nil, at now: Date) throws(RequestError) {
        try Self.check(client, options)
        self.id = options.id ?? UUID().uuidString.lowercased()
        self.client = client
        self.type = options.type
        self.replyTo = replyTo
        self.correlationID = options.correlationID
        self.deadline = options.deadline.map(Self.milliseconds)
        self.key = options.key
        self.priority = options.priority
        self.idempotencyKey = options.idempotencyKey
        self.headers = options.headers.isEmpty ? nil : options.headers
        self.trace = options.traceparent.map(Trace.init)
        self.ts = Self.milliseconds(now)
    }

    /// The message around the JSON of a body, which stays as it is.
    ///
    /// - Throws: ``RequestError/invalid(_:)`` if `body` is not one JSON value.
    func bytes(body: [UInt8]) throws -> [UInt8] {
        let wrapped = Array("{\"body\":".utf8) + body
        // Anything but one value would add members of its own, or none.
        guard (try? JSONObjectView(wrapped + Array("}".utf8)))?.names == ["body"] else {
            throw RequestError.invalid("the body is not one JSON value, or is nested more than a hundred deep")
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return wrapped + [UInt8(ascii: ",")] + Array(try encoder.encode(self).dropFirst())
    }

    private static func check(_ client: String, _ options: MessageOptions) throws(RequestError) {
        let names = [
            ("client", client), ("list", options.list), ("id", options.id), ("key", options.key),
            ("idempotencyKey", options.idempotencyKey),
        ]
        for case (let name, let value?) in names where value.isEmpty || value.utf8.count > Self.longestName {
            throw .invalid("`\(name)` has \(value.utf8.count) bytes: use 1 to \(Self.longestName)")
        }
        if let priority = options.priority, !(0...9).contains(priority) {
            throw .invalid("`priority` is \(priority): use 0 to 9")
        }
        guard options.headers.count <= Self.mostHeaders else {
            throw .invalid("\(options.headers.count) headers: use \(Self.mostHeaders) at most")
        }
    }

    /// In bytes, of names and keys.
    private static let longestName = 256
    private static let mostHeaders = 64

    /// Milliseconds since 1970; what no integer holds is the far past or future.
    static func milliseconds(_ date: Date) -> Int {
        Int(exactly: (date.timeIntervalSince1970 * 1_000).rounded()) ?? (date.timeIntervalSince1970 < 0 ? 0 : .max)
    }
}
