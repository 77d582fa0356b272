#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a message says beside its client and its body. Everything may be left out.
public struct MessageOptions: Sendable, Equatable {
    /// The list that the orchestrator takes messages from.
    public var list: String
    /// What the list of the reply begins with; one of the orchestrator's option `replyPrefixes`.
    public var replyPrefix: String
    /// The largest message in bytes, as the orchestrator's option `messageLimit` says: a larger one is not sent.
    public var messageLimit: Int
    /// Names the message, in logs and dead letters; made up if nil. At most 256 bytes.
    public var id: String?
    /// What the body is, for handlers of several kinds.
    public var type: String?
    /// Messages with equal keys are handled in their order, where the handler has lanes by key.
    public var key: String?
    /// 0 to 9: 7 and more overtake, 3 and less are overtaken.
    public var priority: Int?
    /// Of two messages with the same one only one is handled.
    public var idempotencyKey: String?
    /// After it the message is not handled any more. Times before 1970 count as 1970.
    public var deadline: Date?
    /// Comes back in the reply.
    public var correlationID: String?
    /// For the handler; at most 64.
    public var headers: [String: String]
    /// The trace that the message belongs to, as W3C Trace Context writes it.
    public var traceparent: String?

    /// A message to the list `requests` with nothing but its body; set what is wanted.
    public init(
        list: String = "requests",
        replyPrefix: String = "replies:",
        messageLimit: Int = 1 << 20,
        id: String? = nil,
        type: String? = nil,
        key: String? = nil,
        priority: Int? = nil,
        idempotencyKey: String? = nil,
        deadline: Date? = nil,
        correlationID: String? = nil,
        headers: [String: String] = [:],
        traceparent: String? = nil
    ) {
        self.list = list
        self.replyPrefix = replyPrefix
        self.messageLimit = messageLimit
        self.id = id
        self.type = type
        self.key = key
        self.priority = priority
        self.idempotencyKey = idempotencyKey
        self.deadline = deadline
        self.correlationID = correlationID
        self.headers = headers
        self.traceparent = traceparent
    }

    /// What the orchestrator checks, as far as these options say.
    ///
    /// - Throws: ``RequestError/invalid(_:)`` for a list that is none.
    func limits() throws(RequestError) -> Limits {
        guard !self.list.isEmpty else { throw .invalid("`list` is empty: name the orchestrator's list") }
        guard !self.replyPrefix.isEmpty else {
            throw .invalid("`replyPrefix` is empty: use one of the orchestrator's option `replyPrefixes`")
        }
        return Limits(bytes: self.messageLimit, replyPrefixes: [self.replyPrefix])
    }
}
