public import Wingman

/// A service that takes messages of one type, and may answer them.
///
/// ```swift
/// struct Mailer: InboundHandler {
///     struct Mail: Codable { var to: String }
///     func run() async throws { await untilStopped() }
///     func handle(_ mail: Mail, context: InboundContext) async throws -> NoReply {
///         try await self.send(mail)
///         return NoReply()
///     }
/// }
/// ```
///
/// A message is held while it is handled; when the process dies, it comes again. So a handler may see a message twice, and
/// never not at all. Returning acknowledges the message and sends the reply, in one step.
public protocol InboundHandler: Service {
    /// What a message says: its `body`, as JSON.
    associatedtype Body: Decodable & Sendable
    /// What is answered to those who asked for a reply, as JSON.
    associatedtype Reply: Encodable & Sendable = NoReply

    /// How many messages are handled at a time, and in which order. Asked when the service has started.
    var lanes: InboundLanes { get }

    /// What becomes of messages whose handling failed. Asked when the service has started.
    var retry: InboundRetry { get }

    /// Handles one message. Returning is the acknowledgement.
    ///
    /// It is cancelled at the message's deadline, by `orchestrator cancel`, when the process stops, and when the process
    /// loses what it holds.
    ///
    /// - Throws: If it failed: it is tried again, unless it is an ``InboundFailure`` that says otherwise.
    @concurrent func handle(_ body: Body, context: InboundContext) async throws -> Reply
}

extension InboundHandler {
    /// One message after the other.
    public var lanes: InboundLanes { .ordered }
    /// Five attempts.
    public var retry: InboundRetry { InboundRetry() }
}

/// The reply of handlers that have nothing to say: who asked for a reply gets one without a body.
public struct NoReply: Codable, Hashable, Sendable {
    /// Nothing.
    public init() {}
}

/// How many messages of a client are handled at a time.
public enum InboundLanes: Hashable, Sendable {
    /// One, in the order they were pushed, over all processes that share the list.
    case ordered
    /// So many in each process, in no order.
    case concurrent(Int)
    /// So many, in one of the processes; those with equal `key` one after the other, in the order they were pushed.
    case byKey(Int)

    /// How many can be handled at a time; at least one.
    var width: Int {
        switch self {
        case .ordered: 1
        case .concurrent(let count), .byKey(let count): max(1, min(count, Self.most))
        }
    }

    /// Whether one process has the lane alone, so that the order holds.
    var isExclusive: Bool {
        switch self {
        case .ordered, .byKey: true
        case .concurrent: false
        }
    }

    /// As many as one step of the store can settle.
    static let most = 500
}
