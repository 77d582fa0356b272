/// What the one who asked for a reply gets: one element of the list `reply_to`.
///
/// `{"correlation_id":"…","id":"…","status":"ok","body":…}`, or
/// `{…,"status":"error","error":{"code":"expired","message":"…","retryable":false}}`.
enum SentReply: Sendable, Equatable {
    /// The reply's JSON; nil if the handler has none.
    case ok([UInt8]?)
    case error(Refusal)

    /// An unread reply goes away after this time: its receiver has given up.
    static let expiry = Duration.seconds(60)

    /// The JSON.
    func bytes(id: String?, correlationID: String?) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (name, value) in [("correlation_id", correlationID), ("id", id)] {
            guard let value else { continue }
            bytes.literal(name)
            bytes.raw(":")
            bytes.literal(value)
            bytes.raw(",")
        }
        switch self {
        case .ok(let body):
            bytes.raw("\"status\":\"ok\"")
            if let body {
                bytes.raw(",\"body\":")
                bytes += body
            }
        case .error(let refusal):
            bytes.raw("\"status\":\"error\",\"error\":{\"code\":")
            bytes.literal(refusal.reason.rawValue)
            bytes.raw(",\"message\":")
            bytes.literal(refusal.detail)
            bytes.raw(",\"retryable\":\(refusal.reason.isRetryable)}")
        }
        bytes.raw("}")
        return bytes
    }
}

extension Refusal.Reason {
    /// Whether the same message, sent again, may fare better.
    fileprivate var isRetryable: Bool {
        switch self {
        case .unavailable, .maxAttempts: true
        case .badJSON, .notAnObject, .missingClient, .badClient, .missingBody, .badEnvelope, .unsupportedVersion,
            .tooLarge, .unknownClient, .notAHandler, .undecodable, .handlerError, .expired, .crashLoop, .badReplyTo,
            .cancelled:
            false
        }
    }
}
