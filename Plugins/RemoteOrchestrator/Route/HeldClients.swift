import Wingman

/// Messages for clients that nobody knows yet wait in the lists of lanes to come: in order, and for a while.
///
/// The first process that has the service serves the lane; what has waited too long until then becomes a dead letter.
struct HeldClients: Sendable {
    let workshop: Workshop

    /// Messages that are looked at in one list at a time.
    private static let most = 64

    init(_ workshop: Workshop) {
        self.workshop = workshop
    }

    func sweep(after time: Duration) async throws {
        let environment = self.workshop.environment
        let held = self.workshop.names.keys.held
        let members = try await environment.keys.members(of: held.name)
        guard !members.isEmpty else { return }
        let fleet = Fleet(try await environment.processes(), of: self.workshop.options.list)
        var canBury = true
        for member in members {
            let client = String(decoding: member, as: UTF8.self)
            if !environment.services.isDeclared(client), !fleet.has(client), canBury {
                canBury = try await self.sweep(client, after: time)
            }
            let lists = LaneRefusal(client: client, workshop: self.workshop)
            let isEmpty = try await !lists.hasMessages()
            guard isEmpty || self.hasRole(of: client), try await !self.isInFlight(client) else { continue }
            if self.hasRole(of: client) { try await self.workshop.giveBack(OrchestratorKeys.role(of: client)) }
            guard isEmpty else { continue }
            _ = try await environment.keys.apply(Change([.remove(held, member: member)]))
            // The router may have added a message since we looked, and found its client noted.
            guard try await lists.hasMessages() else { continue }
            _ = try await environment.keys.apply(Change([.insert(held, member: member)]))
        }
    }

    /// Whether others' lanes wait for us: since this sweep, or since an earlier one that did not come to its end.
    private func hasRole(of client: String) -> Bool {
        !self.workshop.environment.services.isDeclared(client)
            && self.workshop.roles.holder(of: OrchestratorKeys.role(of: client)) != nil
    }

    /// Whether anybody has claimed messages of the client. They may come back: before what a role's next owner finds, and to
    /// be swept.
    private func isInFlight(_ client: String) async throws -> Bool {
        let counts = try await self.workshop.environment.counts()
        return self.workshop.names.lanes(of: client).contains { counts.inFlightBySource[.list($0), default: 0] > 0 }
    }

    /// - Returns: False if messages that have waited too long cannot be put away at the moment.
    private func sweep(_ client: String, after time: Duration) async throws -> Bool {
        let limit = Workshop.now - Int(time / .milliseconds(1))
        // The head of a list is its oldest.
        var heads: [Entry] = []
        for list in self.workshop.names.lanes(of: client) {
            heads += try await self.workshop.environment.entries(in: .list(list), limit: 1)
        }
        guard heads.contains(where: { Self.isOverdue($0.payload, limit) }) else { return true }
        let role = OrchestratorKeys.role(of: client)
        // Nobody serves the lane meanwhile, or its service has just come: then they are handled after all.
        guard let holder = try await self.workshop.roles.takeNow(role) else { return true }
        let refusal = Refusal(.unknownClient, "no service of the client's name came within \(time.optionText)")
        var canBury = true
        for list in self.workshop.names.lanes(of: client) {
            var portion = Portion(most: Self.most)
            while canBury, !Task.isCancelled {
                let entries = try await self.workshop.persist("look for messages", unlessClosing: true) {
                    try await self.workshop.environment.entries(in: .list(list), limit: portion.value)
                }
                guard let entries else { break }
                portion.took(entries.map(\.payload))
                let overdue = entries.prefix { Self.isOverdue($0.payload, limit) }.count
                guard overdue > 0 else { break }
                canBury = try await self.bury(overdue, of: list, as: holder, limit, refusal)
            }
        }
        return canBury
    }

    /// What is no parcel has no time, and nobody will handle it.
    private static func isOverdue(_ bytes: [UInt8], _ limit: Int) -> Bool {
        (try? Parcel(bytes)).map { $0.received <= limit } ?? true
    }

    /// Claims the oldest messages, so that nobody else handles them, and puts them away, each in one step with its reply.
    ///
    /// - Returns: Whether some were put away, none was refused, and nothing is held of them any more.
    private func bury(
        _ count: Int,
        of list: String,
        as holder: ProcessID,
        _ limit: Int,
        _ refusal: Refusal
    ) async throws -> Bool {
        let inbox = try self.workshop.environment.inbox(lists: [list], suspects: .amongOthers, as: holder)
        // What is not there any more is not waited for.
        inbox.waker.ring()
        var isBuried = false
        do {
            let messages = try await inbox.exchange(upTo: count) ?? []
            let (dead, others) = messages.reduce(into: ([Inbox.Message](), [Inbox.Message]())) { found, message in
                if Self.isOverdue(message.body, limit) { found.0.append(message) } else { found.1.append(message) }
            }
            let undertaker = Undertaker(workshop: self.workshop)
            let count = try await undertaker.bury(dead, of: inbox, refusal, returning: others)
            isBuried = count > 0 && count == dead.count
            for _ in 0..<count {
                self.workshop.board.refused(refusal.reason)
                self.workshop.metrics.deadLetter(refusal.reason)
            }
        } catch is InboxFenced {
            _ = await inbox.close()
            return false
        }
        return await inbox.close() && isBuried
    }
}
