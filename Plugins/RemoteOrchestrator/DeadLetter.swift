#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message that could not be handled, as it lies in the dead-letter list: one JSON object.
///
/// `{"at":"2026-05-01T12:00:00Z","detail":"…","list":"requests","raw":"…","reason":"unknown_client"}`; the raw message is
/// `raw` if it is UTF-8, else `raw_base64`. Pushing `raw` to the list again replays it.
struct DeadLetter: Encodable, Equatable {
    let reason: String
    let detail: String
    let at: String
    let list: String
    let raw: String?
    let rawBase64: String?

    enum CodingKeys: String, CodingKey {
        case reason
        case detail
        case at
        case list
        case raw
        case rawBase64 = "raw_base64"
    }

    init(_ refusal: Refusal, message: [UInt8], list: String, date: Date) {
        self.reason = refusal.reason.rawValue
        self.detail = refusal.detail
        self.at = date.formatted(.iso8601)
        self.list = list
        let text = String(validating: message, as: UTF8.self)
        self.raw = text
        self.rawBase64 = text == nil ? Data(message).base64EncodedString() : nil
    }

    /// The JSON, keys sorted.
    func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
