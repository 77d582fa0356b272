/// Why a message could not be sent, or a request got no good answer. Trouble with the store is a `StoreError`.
public enum RequestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the other side says about its failure.
    public struct Remote: Sendable, Equatable {
        /// The reason, as dead letters have it: `unknown_client`, `decode_error`, `handler_error`, `expired` …
        public let code: String
        /// For people.
        public let message: String
        /// Whether the same request may succeed later.
        public let isRetryable: Bool
    }

    /// No reply came in time. The message may be handled or not, now or later.
    case timeout(client: String, id: String, after: Duration)
    /// The message was refused, or its handler failed for good.
    case remote(Remote)
    /// A reply came that is none, or not of the type asked for.
    case unreadable(String)
    /// It was not sent: the orchestrator would refuse it.
    case invalid(String)

    /// What happened, and what to do.
    public var description: String {
        switch self {
        case .timeout(let client, let id, let limit):
            "no reply of \"\(client)\" to message \(id) within \(limit): it may still be handled; "
                + "does a process run that has this client?"
        case .remote(let remote):
            "\(remote.code): \(remote.message)\(remote.isRetryable ? " (it may be tried again)" : "")"
        case .unreadable(let why): "the reply cannot be read: \(why)"
        case .invalid(let why): "the message was not sent: \(why)"
        }
    }
}
