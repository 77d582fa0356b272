import Wingman

/// Decides where a message goes that producers have pushed: into the list of its client's lane, or to the dead letters.
struct RouteRules: Sendable {
    let options: OrchestratorOptions
    let burial: Burial
    /// Whether a name is a service of any process.
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
        /// Whether no service has the client's name, whatever becomes of it.
        var isForStranger = false
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
            let parcel = Parcel(
                id: envelope.id ?? makeID(),
                received: now,
                raw: bytes,
                nonce: envelope.id != nil && envelope.idempotencyKey != nil ? makeID() : nil
            )
            let list = self.options.names.lane(of: client, LanePriority(envelope.priority))
            return Decision(
                destination: .append(list: list, parcel.bytes),
                effects: effects,
                client: client,
                isForStranger: !self.isKnown(envelope.client),
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
            throw Refusal(.unknownClient, "no service of any process has the name of the client")
        case .hold:
            let held = Effect.insert(self.options.names.keys.held, member: Array(envelope.client.utf8))
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
            reason: refusal.reason,
            isForStranger: refusal.reason == .unknownClient
        )
    }
}
