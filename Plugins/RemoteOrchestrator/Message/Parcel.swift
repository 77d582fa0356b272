import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What lies in the list of a lane: the message as it came, and what we know of it.
///
/// `{"id":"…","attempt":0,"received":1777636800000,"raw":"…"}`, with `"nonce":"…"` if it needs one and `"errors":[…]` once it failed. So a message keeps its
/// id over redeliveries, retries and replays, even if its sender gave none.
struct Parcel: Sendable, Equatable {
    /// The message's own id, or the one it was given when it was routed.
    var id: String
    /// How many attempts to handle it failed. A lane that does not put it aside in between counts them elsewhere.
    var attempt: Int
    /// When it was routed, in milliseconds since 1970.
    var received: Int
    /// The message as it came; it was JSON, so it is text.
    var raw: [UInt8]
    /// Tells it from another one with the same id, where that matters: if its sender gave it an id and an idempotency key.
    var nonce: String?
    /// The last failures, the oldest first.
    var errors: [FailedAttempt] = []

    /// As whom it holds its idempotency key: a message that was sent again under its id is another one.
    var holder: String { self.nonce ?? self.id }

    /// So many failures are remembered.
    static let mostErrors = 5

    init(id: String, attempt: Int = 0, received: Int, raw: [UInt8], nonce: String? = nil) {
        self.id = id
        self.attempt = attempt
        self.received = received
        self.raw = raw
        self.nonce = nonce
    }

    /// One more attempt has failed.
    mutating func fail(_ error: FailedAttempt) {
        self.errors.append(error)
        self.errors = self.errors.suffix(Self.mostErrors)
    }

    /// The JSON.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.raw.count + self.raw.count / 4 + 128)
        bytes.raw("{\"id\":")
        bytes.literal(self.id)
        bytes.raw(",\"attempt\":\(self.attempt),\"received\":\(self.received),\"raw\":")
        bytes.literal(String(decoding: self.raw, as: UTF8.self))
        if let nonce = self.nonce {
            bytes.raw(",\"nonce\":")
            bytes.literal(nonce)
        }
        if !self.errors.isEmpty {
            bytes.raw(",\"errors\":[")
            for (index, error) in self.errors.enumerated() {
                if index > 0 { bytes.raw(",") }
                bytes.raw("{\"at\":\(error.at),\"error\":")
                bytes.literal(error.error)
                bytes.raw("}")
            }
            bytes.raw("]")
        }
        bytes.raw("}")
        return bytes
    }

    /// Reads a parcel.
    ///
    /// - Throws: Why it is none: somebody else has written into the list of the lane.
    init(_ bytes: [UInt8]) throws(Refusal) {
        let object = try JSONObjectView.reading(bytes)
        guard let id = object.string("id"), !id.isEmpty, id.utf8.count <= Limits.name else {
            throw Refusal(.badEnvelope, "a parcel without an id: nobody but the router writes to this list")
        }
        guard let attempt = try object.number("attempt", in: 0...1_000_000),
            let received = try object.milliseconds("received"), let raw = object.string("raw")
        else {
            throw Refusal(.badEnvelope, "a parcel that lacks a member: nobody but the router writes to this list")
        }
        self.init(id: id, attempt: attempt, received: received, raw: Array(raw.utf8), nonce: try object.name("nonce"))
        guard let errors = object.present("errors") else { return }
        // They are for people: what cannot be read is left out.
        let read = try? JSONDecoder().decode([FailedAttempt].self, from: Data(errors))
        self.errors = (read ?? []).suffix(Self.mostErrors)
    }
}

/// One failure of a handler.
struct FailedAttempt: Codable, Hashable, Sendable {
    /// When, in milliseconds since 1970.
    var at: Int
    /// The error's type and text, cut to ``longestText``.
    var error: String

    /// An error may quote a whole message.
    static let longestText = 1_000

    init(at: Int, error: String) {
        self.at = at
        self.error = String(error.prefix(Self.longestText))
    }
}
