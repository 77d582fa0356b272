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
    init(to client: String, options: MessageOptions, replyTo: String? = nil, at now: Date) {
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

    /// The message around the JSON of a body, which stays as it is; read as the orchestrator will read it.
    ///
    /// - Parameter limits: Those of the orchestrator.
    /// - Throws: ``RequestError/invalid(_:)`` with what the orchestrator would refuse.
    func bytes(body: [UInt8], limits: Limits = Limits()) throws -> [UInt8] {
        let message = try self.bytes(around: body)
        do throws(Refusal) {
            _ = try Envelope.parse(message, limits: limits)
        } catch {
            throw RequestError.invalid(error.detail)
        }
        return message
    }

    private func bytes(around body: [UInt8]) throws -> [UInt8] {
        let wrapped = Array("{\"body\":".utf8) + body
        // Anything but one value would add members of its own, or none.
        guard (try? JSONObjectView(wrapped + Array("}".utf8)))?.names == ["body"] else {
            throw RequestError.invalid("the body is not one JSON value, or is nested more than a hundred deep")
        }
        return wrapped + [UInt8(ascii: ",")] + (try MessageCoding.encode(self)).dropFirst()
    }

    /// Milliseconds since 1970; the far past and future are the ends of what a message can say.
    static func milliseconds(_ date: Date) -> Int {
        let time = (date.timeIntervalSince1970 * 1_000).rounded()
        return Int(exactly: min(max(time, 0), Double(Limits.latest))) ?? 0
    }
}
