/// Why a message went to the dead-letter list.
struct Refusal: Error, Hashable, Sendable {
    /// The `reason` of a dead letter.
    enum Reason: String, Sendable, CaseIterable, Codable {
        case badJSON = "bad_json"
        case notAnObject = "not_object"
        case missingClient = "missing_client"
        case badClient = "bad_client"
        case missingBody = "missing_body"
        case badEnvelope = "bad_envelope"
        case unsupportedVersion = "unsupported_version"
        case tooLarge = "too_large"
        case unknownClient = "unknown_client"
        case notAHandler = "not_a_handler"
        case unavailable = "client_unavailable"
        case undecodable = "decode_error"
        case handlerError = "handler_error"
        case maxAttempts = "max_attempts"
        case expired
        case crashLoop = "crash_loop"
        case badReplyTo = "bad_reply_to"
        case cancelled
    }

    let reason: Reason
    /// For people: what is wrong. Of messages it names members, never what they hold.
    let detail: String

    init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}
