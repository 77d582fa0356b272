import Wingman

/// A message for a service: `{"client":"mailer","body":…}`. Members beside these two are ignored.
struct Envelope: Sendable, Equatable {
    /// The name of the service.
    let client: String
    /// The bytes of the body's JSON, as they came.
    let body: [UInt8]

    /// Reads a message from the list.
    ///
    /// - Throws: Why it cannot be a message. Never traps, whatever the bytes are.
    static func parse(_ bytes: [UInt8], limit: Int) throws(Refusal) -> Envelope {
        guard bytes.count <= limit else {
            throw Refusal(.tooLarge, "the message has \(bytes.count) bytes, \(limit) are allowed")
        }
        let object: JSONObjectView
        do {
            object = try JSONObjectView(bytes)
        } catch {
            switch error.kind {
            case .notJSON: throw Refusal(.badJSON, error.description)
            case .notAnObject: throw Refusal(.notAnObject, error.description)
            }
        }
        guard object.value(of: "client") != nil else { throw Refusal(.missingClient, "it has no member \"client\"") }
        guard let client = object.string("client"), !client.isEmpty else {
            throw Refusal(.badClient, "the member \"client\" must be a string that is not empty")
        }
        guard let body = object.value(of: "body") else { throw Refusal(.missingBody, "it has no member \"body\"") }
        return Envelope(client: client, body: Array(body))
    }
}

/// Why a message went to the dead-letter list.
struct Refusal: Error, Equatable {
    /// The `reason` of a dead letter.
    enum Reason: String, Sendable {
        case badJSON = "bad_json"
        case notAnObject = "not_object"
        case missingClient = "missing_client"
        case badClient = "bad_client"
        case missingBody = "missing_body"
        case tooLarge = "too_large"
        case unknownClient = "unknown_client"
        case notAHandler = "not_a_handler"
        case unavailable = "client_unavailable"
        case handlerError = "handler_error"
    }

    let reason: Reason
    /// For people: what is wrong, and never what the message holds.
    let detail: String

    init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}
