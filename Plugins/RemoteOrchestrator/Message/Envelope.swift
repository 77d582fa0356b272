/// A message for a service, as it is pushed: `{"client":"mailer","body":…}`, and more if its sender wants more.
///
/// Members that are unknown are ignored here and kept in the message; a member that is null counts as absent, but for the
/// body. Nothing here decodes the body.
struct Envelope: Sendable, Equatable {
    /// The name of the service.
    var client: String
    /// The bytes of the body's JSON, as they came.
    var body: [UInt8]
    /// The sender's name for the message.
    var id: String?
    /// What the body is, for the handler.
    var type: String?
    /// The list that the reply goes to.
    var replyTo: String?
    /// What the reply shows, so that the sender knows which message it answers.
    var correlationID: String?
    /// When the message is of no use any more, in milliseconds since 1970.
    var deadline: Int?
    /// Messages of one key are handled in order, where the handler asks for that.
    var key: String?
    /// 0 to 9; see ``LanePriority``.
    var priority: Int?
    /// Of several messages with this, one is handled.
    var idempotencyKey: String?
    /// For the handler.
    var headers: [String: String] = [:]
    /// The trace that the message belongs to, as W3C Trace Context writes it.
    var traceparent: String?
    /// When it was sent, in milliseconds since 1970, by the sender's clock.
    var sent: Int?

    init(client: String, body: [UInt8]) {
        self.client = client
        self.body = body
    }
}
