import Wingman

/// Decides where a message goes that producers have pushed: into the list of its client's lane, or to the dead letters.
struct RouteRules: Sendable {
    let options: OrchestratorOptions
    let burial: Burial
    /// Whether a name is a service of this program.
    let isKnown: @Sendable (String) -> Bool

    /// What becomes of one message.
    struct Decision: Sendable, Equatable {
        var destination: Verdict.Destination
        var effects: [Effect] = []
        /// For the sender, if its list can be written.
        var reply: [Effect] = []
        /// The client it was routed to; nil if it was refused.
        var client: String?
        /// Why it was refused.
        var reason: Refusal.Reason?
        /// When it was sent, in milliseconds since 1970, by the sender's clock; nil if it does not say.
        var sent: Int?
    }

    /// - Parameters:
    ///   - bytes: The message as it came.
    ///   - crashes: Deaths of processes it is suspected of.
    ///   - makeID: Makes names for messages that have none.
    func decide(_ bytes: [UInt8], crashes: Int = 0, now: Int, makeID: () -> String = MessageID.make) -> Decision {
        do throws(Refusal) {
            // A message that ends the process that only reads it: a defect of ours, and it must not go round for ever.
            if crashes >= LaneRunner.mostCrashes {
                throw Refusal(.crashLoop, "\(crashes) processes died while they held it alone")
            }
            let envelope = try Envelope.parse(bytes, limits: self.options.limits)
            let (client, effects) = try self.target(of: envelope)
            let parcel = Parcel(id: envelope.id ?? makeID(), received: now, raw: bytes)
            let list = self.options.names.lane(of: client, LanePriority(envelope.priority))
            return Decision(
                destination: .append(list: list, parcel.bytes),
                effects: effects,
                client: client,
                sent: envelope.sent
            )
        } catch {
            return self.refused(error, bytes, now)
        }
    }

    private func target(of envelope: Envelope) throws(Refusal) -> (String, [Effect]) {
        guard !self.isKnown(envelope.client) else { return (envelope.client, []) }
        switch self.options.unknownClients {
        case .dead:
            throw Refusal(.unknownClient, "no service of this program has the name of the client")
        case .hold:
            let held = Effect.insert(.orchestrator(OrchestratorKeys.held), member: Array(envelope.client.utf8))
            return (envelope.client, [held])
        case .to(let client):
            guard self.isKnown(client) else {
                throw Refusal(.unknownClient, "no service has the name of the client, nor that of `unknownClients`")
            }
            return (client, [])
        }
    }

    private func refused(_ refusal: Refusal, _ bytes: [UInt8], _ now: Int) -> Decision {
        let letter = self.burial.letter(refusal, bytes, now: now)
        return Decision(
            destination: .append(list: self.burial.names.deadLetters, letter.bytes),
            reply: self.burial.reply(refusal, bytes),
            reason: refusal.reason
        )
    }
}

/// How many messages the router claims at a time: many, unless they are large.
struct RouterCredit: Sendable {
    /// As much as may lie in memory, in bytes, if messages go on as they were.
    static let budget = 8 << 20
    private static let first = 16

    private(set) var value = Self.first

    /// A step brought messages of this size.
    mutating func claimed(_ count: Int, bytes: Int) {
        guard count > 0 else { return }
        let fitting = Self.budget / max(1, bytes / count)
        self.value = max(1, min(self.value * 2, fitting, InboundLanes.most))
    }
}
