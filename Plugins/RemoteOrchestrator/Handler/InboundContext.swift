public import Logging

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a handler is told of a message beside its body.
public struct InboundContext: Sendable {
    /// Its name: the sender's, else one it was given when it arrived. The same at each attempt.
    public var id: String
    /// The name the message was sent to.
    public var client: String
    /// What the body is, as the sender calls it.
    public var type: String?
    /// Which attempt this is, from 1.
    public var attempt: Int
    /// When it arrived.
    public var received: Date
    /// When it is of no use any more; the handler is cancelled then.
    public var deadline: Date?
    /// Its ordering key.
    public var key: String?
    /// What the sender put there.
    public var headers: [String: String]
    /// The trace it belongs to, as W3C Trace Context writes it.
    public var traceparent: String?
    /// What the reply will show.
    public var correlationID: String?
    /// Whether somebody asked for a reply.
    public var wantsReply: Bool
    /// Whether an earlier attempt may have begun: another one failed, or the process it was in died.
    public var isRedelivered: Bool
    /// With `message.id` and `message.client`.
    public var logger: Logger

    /// A context, for tests of handlers.
    public init(
        id: String = "test",
        client: String = "test",
        type: String? = nil,
        attempt: Int = 1,
        received: Date = Date(timeIntervalSince1970: 0),
        deadline: Date? = nil,
        key: String? = nil,
        headers: [String: String] = [:],
        traceparent: String? = nil,
        correlationID: String? = nil,
        wantsReply: Bool = false,
        isRedelivered: Bool = false,
        logger: Logger = Logger(label: "wingman.orchestrator")
    ) {
        self.id = id
        self.client = client
        self.type = type
        self.attempt = attempt
        self.received = received
        self.deadline = deadline
        self.key = key
        self.headers = headers
        self.traceparent = traceparent
        self.correlationID = correlationID
        self.wantsReply = wantsReply
        self.isRedelivered = isRedelivered
        self.logger = logger
    }
}
