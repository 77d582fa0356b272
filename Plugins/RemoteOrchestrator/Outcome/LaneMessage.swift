import Wingman

/// A message in the hands of a lane, and what the store knows of it.
struct LaneMessage: Sendable, Equatable {
    var parcel: Parcel
    var envelope: Envelope
    /// The list it was claimed from, and comes back to.
    var list: String
    /// The names of what is kept of it.
    var keys = OrchestratorKeys()
    /// Deaths of processes it is suspected of.
    var crashes = 0
    /// Failed attempts that are counted beside the parcel, as it was not put aside.
    var counted = 0
    /// Whether this message is the one of its idempotency key that is handled.
    var holdsKey = false

    /// How many attempts have failed.
    var failures: Int { self.parcel.attempt + self.counted }

    /// Where attempts are counted that failed while it was not put aside.
    var attempts: StoreKey { self.keys.attempts(self.parcel.id, of: self.envelope.client) }

    /// Takes in what the store has counted there.
    mutating func note(attempts: [UInt8]?) {
        self.counted = attempts.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// Where the mark of its idempotency key is; nil if it has no key.
    var idempotency: StoreKey? {
        self.envelope.idempotencyKey.map { self.keys.idempotency($0, of: self.envelope.client) }
    }

    /// What is there while this message is the one that is handled.
    var mark: IdempotencyMark { .running(self.parcel.holder) }

    /// Who is asked for a reply gets it.
    func reply(_ reply: SentReply) -> [Effect] {
        guard let list = self.envelope.replyTo else { return [] }
        let bytes = reply.bytes(id: self.parcel.id, correlationID: self.envelope.correlationID)
        return [.append(list: list, payload: bytes, expiry: SentReply.expiry)]
    }

    /// Notes that its list has messages to be tried again, for whoever delivers them.
    var noteLater: [Effect] {
        [.insert(self.keys.later, member: Array(self.list.utf8))]
    }

    /// How a message leaves what is kept of it.
    enum Leaving {
        case done([UInt8]?)
        case repeated
        case running
        case dead
    }

    /// What is kept of the message, as it is to be from now on.
    func cleaning(_ leaving: Leaving) -> [Effect] {
        var effects: [Effect] = []
        if self.counted > 0 { effects.append(.delete(self.attempts)) }
        guard self.holdsKey, let name = self.idempotency else { return effects }
        switch leaving {
        case .done(let body):
            effects.append(.put(name, IdempotencyMark.done(body).bytes, expiry: OutcomeRules.memory))
        case .dead:
            effects.append(.delete(name))
        case .repeated, .running:
            break
        }
        return effects
    }
}

extension LaneMessage {
    /// A message as it was claimed from the list of a lane.
    ///
    /// - Throws: Why it is none.
    init(_ message: Inbox.Message, keys: OrchestratorKeys, limits: Limits) throws(Refusal) {
        let parcel = try Parcel(message.body)
        self.init(
            parcel: parcel,
            envelope: try Envelope.parse(parcel.raw, limits: limits),
            list: message.list,
            keys: keys,
            crashes: message.crashes
        )
    }
}

/// What is kept of an idempotency key.
enum IdempotencyMark: Sendable, Equatable {
    /// A message is being handled, or will be tried again: the one of this ``Parcel/nonce``, or else id.
    case running(String)
    /// One was handled, with this reply.
    case done([UInt8]?)

    private static let runningPrefix = "running:"
    private static let donePrefix = "done:"

    /// As it is kept.
    var bytes: [UInt8] {
        switch self {
        case .running(let holder): Array((Self.runningPrefix + holder).utf8)
        case .done(let body): Array(Self.donePrefix.utf8) + (body ?? [])
        }
    }

    /// - Parameter bytes: As it was kept; nil if it is neither.
    init?(_ bytes: [UInt8]) {
        if bytes.starts(with: Self.runningPrefix.utf8) {
            self = .running(String(decoding: bytes.dropFirst(Self.runningPrefix.utf8.count), as: UTF8.self))
        } else if bytes.starts(with: Self.donePrefix.utf8) {
            let body = Array(bytes.dropFirst(Self.donePrefix.utf8.count))
            self = .done(body.isEmpty ? nil : body)
        } else {
            return nil
        }
    }
}
