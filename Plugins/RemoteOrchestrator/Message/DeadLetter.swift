#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message that could not be handled, as it lies in the dead-letter list: one JSON object, its members sorted.
///
/// The raw message is `raw` if it is UTF-8, else `raw_base64`.
struct DeadLetter: Codable, Equatable, Sendable {
    /// When it was put there, as ISO 8601.
    var at: String
    /// How many times a handler was tried.
    var attempts: Int
    /// The service it was for, if that could be read.
    var client: String?
    /// For people: what is wrong.
    var detail: String
    /// The last failures, the oldest first.
    var errors: [FailedAttempt]
    /// Its name; absent if it had none and was never routed.
    var id: String?
    /// The list it was pushed to.
    var list: String
    /// The process that gave it up.
    var process: String
    private var raw: String?
    private var rawBase64: String?
    /// Why: a ``Refusal/Reason``, or one of a later version.
    var reason: String
    /// When it was routed, in milliseconds since 1970; absent if it never was.
    var received: Int?

    enum CodingKeys: String, CodingKey {
        case at, attempts, client, detail, errors, id, list, process, raw
        case rawBase64 = "raw_base64"
        case reason, received
    }

    /// - Parameters:
    ///   - refusal: Why.
    ///   - message: The message as it came.
    ///   - origin: The list it was pushed to, and the process that gives it up.
    ///   - date: Now.
    init(_ refusal: Refusal, message: [UInt8], origin: Origin, date: Date) {
        self.at = date.formatted(.iso8601)
        self.attempts = 0
        self.detail = refusal.detail
        self.errors = []
        self.list = origin.list
        self.process = origin.process
        self.raw = String(validating: message, as: UTF8.self)
        self.rawBase64 = self.raw == nil ? Data(message).base64EncodedString() : nil
        self.reason = refusal.reason.rawValue
    }

    /// Where a message died.
    struct Origin: Sendable, Equatable {
        var list: String
        var process: String
    }

    /// The message as it came.
    var message: [UInt8] {
        if let raw { return Array(raw.utf8) }
        return self.rawBase64.flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
    }

    /// When it was put there; nil if that cannot be read.
    var date: Date? { try? Date(self.at, strategy: .iso8601) }

    /// Reads one.
    init(json: [UInt8]) throws {
        self = try JSONDecoder().decode(DeadLetter.self, from: Data(json))
    }

    /// The JSON.
    var bytes: [UInt8] {
        // Texts and whole numbers: there is nothing in it that cannot be encoded, and a message must not be lost for one.
        (try? MessageCoding.encode(self)) ?? self.message
    }
}
