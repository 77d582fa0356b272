import HiredisNIO
import StoreTestSupport
import TestSupport
import Wingman

@testable import WingmanRedis

/// Effects, changes, edits and suspects.
extension ModelRun {
    private static let group = StoreKey("model", "group")
    private static let counted = StoreKey("model", "counted")
    private static let value = StoreKey("model", "value")

    /// Some effects, at the end now and then one that cannot be applied.
    mutating func newEffects() -> [Effect] {
        var effects: [Effect] = [.count(Self.counted, by: 1)]
        let member = Array("m\(Int.random(in: 1...3, using: &self.random))".utf8)
        switch Int.random(in: 0..<6, using: &self.random) {
        case 0: effects.append(.push(self.newPush()))
        case 1: effects.append(.insert(Self.group, member: member))
        case 2:
            effects.append(.remove(Self.group, member: member))
            effects.append(.whenEmpty(Self.group, [.put(Self.value, Array("empty".utf8))]))
        case 3: effects.append(.put(Self.value, member))
        case 4: effects.append(.delete(Self.random(of: [Self.value, Self.group], &self.random)))
        default: effects.append(.append(list: "letters", payload: self.newPush().payload))
        }
        if self.random.chance(15) { effects.append(.count(StoreModel.unusable, by: 1)) }
        return effects
    }

    private static func random<Element>(of elements: [Element], _ random: inout SeededGenerator) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    private mutating func newPush() -> PushedJob {
        let queue = Self.queues.randomElement(using: &self.random) ?? "default"
        return PushedJob(queue: queue, payload: Array(self.newJob().utf8))
    }

    /// Accepted and counted is what the store says it has applied.
    mutating func account(applied effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .push(let job): self.model.accepted[String(decoding: job.payload, as: UTF8.self), default: 0] += 1
            case .append(_, let payload, _):
                self.model.accepted[String(decoding: payload, as: UTF8.self), default: 0] += 1
            case .count(Self.counted, _, _): self.model.counted += 1
            case .add, .put, .delete, .count, .insert, .remove, .whenEmpty: break
            }
        }
    }

    mutating func change() async throws {
        let member = Array("m\(Int.random(in: 1...3, using: &self.random))".utf8)
        let conditions: [Condition] = [
            .absent(Self.value), .equals(Self.value, member), .contains(Self.group, member: member),
            .lacks(Self.group, member: member), .reached(milliseconds: 1), .reached(milliseconds: 9_000_000_000_000),
        ]
        let lived = self.model.graves.map(\.id) + self.model.draining + self.model.leases.keys.sorted()
        let process = lived.randomElement(using: &self.random) ?? "never:1:seen"
        let all = conditions + [.departed(ProcessID(rawValue: process))]
        let chosen = all.shuffled(using: &self.random).prefix(Int.random(in: 0...2, using: &self.random))
        try await self.send(Change(if: Array(chosen), self.newEffects()))
    }

    private mutating func send(_ change: Change) async throws {
        let refusing = change.conditions.firstIndex { !self.model.holds($0) }
        let isPossible = refusing == nil && self.model.apply(change.effects)
        let reply: ChangeReply?
        do {
            reply = try await self.store.apply(change)
        } catch let error as StoreError where error.code == .unexpected {
            reply = nil
        }
        self.trace.append("  change \(change) → \(reply.map { "\($0)" } ?? "failed")")
        let isAsExpected: Bool
        switch reply {
        case .applied:
            self.met(.changed)
            self.account(applied: change.effects)
            isAsExpected = isPossible
        case .refused(let condition, _):
            self.met(.changeRefused)
            isAsExpected = condition == refusing
        case nil: isAsExpected = refusing == nil && !isPossible
        }
        if self.options.comparesWithModel, !isAsExpected {
            throw self.failure("a change was answered so, the model refuses \(refusing.map(String.init) ?? "nothing")")
        }
    }

    /// Runs one of a worker's jobs alone.
    mutating func isolate(_ index: Int) async throws {
        let worker = self.workers[index]
        guard worker.isRegistered, let claimed = worker.held.randomElement(using: &self.random) else { return }
        self.remember(.isolate(claimed.token, worker.id))
        try await self.isolate(claimed.token, of: worker.id)
    }

    mutating func isolate(_ token: Token, of id: String) async throws {
        let expected = self.model.isolate(token.rawValue, of: id)
        let isHeld = try await self.store.isolate(token, process: ProcessID(rawValue: id))
        self.trace.append("  isolate \(token) of \(id) → \(isHeld)")
        self.met(.isolated, if: isHeld)
        if isHeld, let job = self.claimedJobs[token] { self.model.isolations[job.base, default: 0] += 1 }
        if self.options.comparesWithModel, isHeld != expected {
            throw self.failure("isolating was answered \(isHeld), the model says \(expected)")
        }
    }

    /// A culprit: whoever runs it alone dies of it, again and again until it is in quarantine.
    mutating func crash() async throws {
        let culprit = PushedJob(queue: "high", payload: Array(self.newJob().utf8))
        self.model.push(String(decoding: culprit.payload, as: UTF8.self), to: culprit.queue)
        try await self.store.enqueue([culprit])
        for _ in 1...3 {
            let process = ProcessID(rawValue: self.newName())
            _ = try await self.send(Beat.of(process, .register, number: 1))
            let step = Step(
                process: process,
                lane: 1,
                number: 1,
                settlements: [],
                claim: 20,
                sources: [.queue("high")]
            )
            let reply = try await self.send(step)
            if let claim = reply.claimed.first(where: { $0.payload == culprit.payload }) {
                try await self.isolate(claim.token, of: process.rawValue)
            }
            guard self.model.leases[process.rawValue] != nil else { continue }
            self.model.leases[process.rawValue] = true
            try await self.redis.send("ZADD", "wingman:leases", "XX", "1", process.rawValue)
            try await self.rescue()
        }
    }

    mutating func edit() async throws {
        let places: [Place] = [
            .queue("default"), .queue("low"), .list("requests"), .retry, .schedule, .dead, .quarantine,
        ]
        let place = Self.random(of: places, &self.random)
        let entries = try await self.store.entries(in: place, from: 0, limit: 5)
        guard let entry = entries.randomElement(using: &self.random) else { return }
        let target = Self.random(of: places, &self.random)
        // Only bytes that ran alone may be in quarantine, or the invariant could not tell.
        let isDeletion = self.random.chance(30) || target == .quarantine && place != .quarantine
        let base = Array(String(decoding: entry.payload, as: UTF8.self).base.utf8)
        let moved = target == place ? entry.payload : base
        let changed = Entry(payload: moved, at: self.random.chance(50) ? nil : 9e9)
        let edit: EntryEdit = isDeletion ? .delete(entry) : .move(entry, to: target, as: changed)
        self.remember(.edit(edit, place))
        try await self.send(edit, place)
    }

    mutating func send(_ edit: EntryEdit, _ place: Place) async throws {
        let expected = self.model.edit(edit, in: place)
        let found = try await self.store.edit([edit], in: place)
        let text = String(decoding: edit.entry.payload, as: UTF8.self)
        let target = edit.destination.map { " to \($0.place)" } ?? ""
        self.trace.append("  edit \(text) in \(place)\(target) → \(found)")
        self.met(.edited, if: found > 0)
        if edit.destination == nil { self.model.done[text.base, default: 0] += found }
        if self.options.comparesWithModel, found != (expected ? 1 : 0) {
            throw self.failure("\(found) entries were edited, the model says \(expected)")
        }
    }
}
