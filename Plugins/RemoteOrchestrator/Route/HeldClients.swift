import Wingman

/// Messages for clients that nobody knows yet wait in the lists of lanes to come: in order, and for a while.
///
/// The first process that has the service serves the lane; what has waited too long until then becomes a dead letter.
struct HeldClients: Sendable {
    let workshop: Workshop

    init(_ workshop: Workshop) {
        self.workshop = workshop
    }

    func sweep(after time: Duration) async throws {
        let environment = self.workshop.environment
        for member in try await environment.keys.members(of: OrchestratorKeys.held) {
            let client = String(decoding: member, as: UTF8.self)
            var isEmpty = true
            if !environment.services.isDeclared(client) {
                for list in self.workshop.names.lanes(of: client) {
                    isEmpty = try await self.sweep(list, client, after: time) && isEmpty
                }
            }
            guard isEmpty else { continue }
            // The router, which is this process, notes it again with the next message.
            _ = try await environment.keys.apply(
                Change([.remove(environment.keys.key(OrchestratorKeys.held), member: member)])
            )
        }
    }

    /// - Returns: Whether nothing is left.
    private func sweep(_ list: String, _ client: String, after time: Duration) async throws -> Bool {
        let now = Workshop.now
        let limit = now - Int(time / .milliseconds(1))
        let entries = try await self.workshop.environment.entries(in: .list(list), limit: RouterDuties.page)
        let refusal = Refusal(.unknownClient, "no service of the client's name came within \(time.optionText)")
        let burial = self.workshop.burial
        var edits: [EntryEdit] = []
        var replies: [Effect] = []
        for entry in entries {
            let parcel = try? Parcel(entry.payload)
            // What is no parcel has no time, and nobody will handle it.
            if let parcel, parcel.received > limit { break }
            let raw = parcel?.raw ?? entry.payload
            let letter = burial.letter(refusal, raw, parcel: parcel, now: now)
            edits.append(.move(entry, to: .list(burial.names.deadLetters), as: Entry(payload: letter.bytes)))
            replies += burial.reply(refusal, raw, parcel: parcel)
            self.workshop.board.refused(refusal.reason)
            self.workshop.metrics.deadLetter(refusal.reason)
        }
        guard !edits.isEmpty else { return entries.isEmpty }
        // If we die between the two, senders learn it by their own timeouts.
        _ = try await self.workshop.environment.edit(edits, in: .list(list))
        if !replies.isEmpty { _ = try await self.workshop.environment.keys.apply(Change(replies)) }
        return edits.count == entries.count && entries.count < RouterDuties.page
    }
}
