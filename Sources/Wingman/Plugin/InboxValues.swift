extension Inbox {
    /// A message this process holds. Settle it by ``Inbox/exchange(_:upTo:)`` or ``Inbox/settle(_:)``.
    public struct Message: Sendable, Identifiable {
        /// Tells it from all others of its inbox; later ones have higher numbers.
        public let id: Int
        /// The bytes as they were pushed.
        public let body: [UInt8]
        /// How many deaths of processes it is suspected of: it is received alone then, when this process holds nothing else.
        /// Three are proof: whoever receives it should put it away.
        public let crashes: Int
        /// The list it came from, and goes back to.
        public let list: String
        let token: Token
        let epoch: Int
    }

    /// What becomes of a message.
    public enum Outcome: Sendable {
        /// It was handled: it is gone.
        case done
        /// Back to the head of its list, as if never received. Several given back in one call keep their order.
        case giveBack
        /// Behind all others of a list, as these bytes: a dead letter, or a message moved on.
        case append(list: String, [UInt8])
        /// Into `Place.later` of a list, as these bytes: to be tried again after a while.
        case later(list: String, [UInt8], in: Duration)

        /// Where it sends the message, for the log; nil where it came from, or nowhere.
        var destination: Place? {
            switch self {
            case .done, .giveBack: nil
            case .append(let list, _): .list(list)
            case .later(let list, _, _): .later(list)
            }
        }

        var disposition: Disposition {
            switch self {
            case .done: .done
            case .giveBack: .giveBack
            case .append(let list, let bytes): .append(list: list, payload: bytes)
            case .later(let list, let bytes, let delay): .later(list: list, payload: bytes, delay: delay)
            }
        }
    }

    /// How messages are received that were in flight when a process died.
    public enum Suspects: Sendable {
        /// Each when this process holds nothing else, so that a death meanwhile is its doing; everything waits for that.
        case alone
        /// Like all others: for an owner that only moves messages on, and runs nothing of theirs. It goes on while a suspect
        /// runs alone.
        case amongOthers
    }

    /// Which messages form a line, in which none may be received before an older one. It matters where a suspect waits to be
    /// received alone, or a message goes back: what is behind it in its line waits or goes back as well.
    public enum Order: Sendable {
        /// All messages are one line.
        case ordered
        /// None waits for another one.
        case concurrent
        /// Those whose bytes have the same key are a line; those without a key (nil) wait for none. Asked only where it matters.
        case byKey(@Sendable ([UInt8]) -> String?)

        /// The name of its line; nil if it is in none.
        func line(of message: Message) -> String? {
            switch self {
            case .ordered: ""
            case .concurrent: nil
            case .byKey(let key): key(message.body)
            }
        }
    }

    /// The end of one message.
    public struct Settlement: Sendable {
        /// Whose end.
        public var message: Message
        /// Where it goes.
        public var outcome: Outcome
        /// Done in the same step, only if the message is still held: the end and its effects are one.
        public var effects: [Effect]
        /// Done in the same step as well, before ``effects``; but if the store refuses the end with them and takes it without
        /// them, they are left out, see ``Inbox/takeCurtailed()``. For what outsiders have a say in, such as the list that a
        /// sender wants the reply in: it may be the name of something else.
        public var optionalEffects: [Effect]
        /// With ``Outcome/giveBack``: that the message was handled, and did not end the process. This inbox does not take it
        /// for a suspect when it comes again.
        public var isAcquitted = false

        /// The end of `message`.
        public init(
            _ message: Message,
            _ outcome: Outcome,
            effects: [Effect] = [],
            ifPossible optionalEffects: [Effect] = []
        ) {
            self.message = message
            self.outcome = outcome
            self.effects = effects
            self.optionalEffects = optionalEffects
        }

        /// - Parameter isCurtailed: Whether the optional effects are left out.
        func forStore(isCurtailed: Bool) -> Wingman.Settlement {
            Wingman.Settlement(
                token: self.message.token,
                disposition: self.outcome.disposition,
                tally: .none,
                effects: (isCurtailed ? [] : self.optionalEffects) + self.effects
            )
        }
    }

    /// A settlement that the store could not make: its destination, or what an effect touches, is of another kind, for
    /// instance. The message is still held, and the settlement is tried again and again.
    public struct Refusal: Sendable {
        /// The settlement. Another one of the same message replaces it.
        public let settlement: Settlement
        /// What the store says.
        public let reason: String
        /// How often it was tried.
        public let tries: Int
    }
}

/// The process has lost the identity that an inbox was made for: what it held belongs to others, see ``Inbox/takeLost()``.
public struct InboxFenced: Error, Sendable, CustomStringConvertible {
    /// The identity that has ended.
    public let process: ProcessID

    /// One line for people.
    public var description: String { "the process is not \(self.process) any more: what it held belongs to others" }
}
