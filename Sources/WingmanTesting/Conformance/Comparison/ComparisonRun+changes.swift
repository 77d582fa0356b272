internal import SupervisionTesting
import Wingman

/// Effects and conditions on a few keys.
extension ComparisonRun {
    static let values = ["a", "b", "c"].map { StoreKey("bench", $0) }
    static let sets = ["s", "t"].map { StoreKey("bench", $0) }
    static let keys = Self.values + Self.sets
    static let members = ["x", "y", "z"].map(\.bytes)

    mutating func change() async throws {
        let conditions = (0..<self.random.number(0..<3)).map { _ in self.condition() }
        let now = try await self.elapsed()
        let moment = now + self.random.pick([-1_000, 0, 1_000])
        let isTimed = self.random.chance(20)
        let effects = self.effects(pushing: true)
        let brief = "change if \(conditions.map(\.brief))\(isTimed ? " at \(moment)" : ""): \(effects.map(\.brief))"
        let replies = try await self.ask(brief) { side, _ in
            let timed: [Condition] = isTimed ? [.reached(milliseconds: side.start + moment)] : []
            return try await side.store.apply(Change(if: conditions + timed, effects))
        } brief: { reply, side in
            switch reply {
            case .applied(let now): "applied at \(now - side.start)"
            case .refused(let condition, let now): "refused by \(condition) at \(now - side.start)"
            }
        }
        switch replies?[0] {
        case .applied:
            self.ledger.accepted += effects.count { $0.adds }
            self.ledger.met("departed", if: conditions.contains(where: \.isOfProcess))
        case .refused: self.ledger.met("change refused")
        case nil: self.ledger.met("change failed")
        }
    }

    private mutating func condition() -> Condition {
        let (key, set) = (self.random.pick(Self.values), self.random.pick(Self.sets))
        switch self.random.number(0..<6) {
        case 0: return .absent(self.random.pick(Self.keys))
        case 1: return .equals(key, "1".bytes)
        case 2: return .contains(set, member: self.random.pick(Self.members))
        case 3: return .lacks(set, member: self.random.pick(Self.members))
        case 4: return .equals(set, "1".bytes)
        default: return .departed(self.processOfLate())
        }
    }

    /// One that lives, one of those that lived last, or one that nobody knows yet.
    private mutating func processOfLate() -> ProcessID {
        ProcessID(rawValue: Self.name(self.random.number(max(1, self.names - 5)..<self.names + 2)))
    }

    /// Some effects. Only those of a change add jobs: those of a settlement may be applied by a step whose reply is lost.
    mutating func effects(pushing: Bool) -> [Effect] {
        var effects = (0..<self.random.number(1..<4)).map { _ in self.keyEffect(depth: 0) }
        if pushing, self.random.chance(40) { effects.append(self.addition()) }
        return effects
    }

    private mutating func keyEffect(depth: Int) -> Effect {
        let (key, set) = (self.random.pick(Self.values), self.random.pick(Self.sets))
        let expiry: Duration? = self.random.pick([nil, nil, .seconds(10), .seconds(50)])
        // The effect may replace the end of what is there already, or have none: each counts.
        self.expiring += 1
        if let expiry { self.expiries.set("effect \(self.expiring)", after: expiry) }
        let member = self.random.pick(Self.members)
        switch self.random.number(0..<20) {
        case 0..<4: return .put(key, self.random.pick(["1", "text", "-5", ""]).bytes, expiry: expiry)
        case 4..<6: return .delete(self.random.pick(Self.keys))
        case 6..<10: return .count(key, by: self.random.pick([1, -1, 7, Int.max]), expiry: expiry)
        case 10..<13: return .insert(set, member: member)
        case 13..<15: return .remove(set, member: member)
        case 15 where depth == 0: return .whenEmpty(set, [self.keyEffect(depth: 1), self.keyEffect(depth: 1)])
        // Of the wrong kind, mostly.
        case 16: return .insert(key, member: member)
        case 17: return .put(set, "1".bytes)
        case 18: return .append(list: "replies", payload: member, expiry: expiry)
        default: return .count(key, by: 1)
        }
    }

    private mutating func addition() -> Effect {
        let job = self.newJob()
        switch self.random.number(0..<4) {
        case 0: return .push(PushedJob(queue: self.random.pick(Self.queues), payload: job.bytes))
        case 1: return .append(list: "requests", payload: job.bytes)
        case 2:
            return .add(Entry(payload: job.bytes), to: self.random.pick([.retry, .dead, .quarantine, .queue("low")]))
        default: return .push(PushedJob(queue: "default", payload: job.bytes, runAt: Double(1_000 + self.jobs)))
        }
    }
}

extension Effect {
    /// Whether it makes a job or message of the ledger.
    fileprivate var adds: Bool {
        switch self {
        case .push, .add: true
        case .append(let list, _, _): list == "requests"
        case .put, .delete, .count, .insert, .remove, .whenEmpty: false
        }
    }

    var brief: String {
        switch self {
        case .push(let job): "push \(job.payload.text)"
        case .add(let entry, let place): "add \(entry.payload.text) to \(place)"
        case .append(let list, let payload, let expiry): "append \(payload.text) to \(list) \(expiry.brief)"
        case .put(let key, let bytes, let expiry): "put \(key) = \"\(bytes.text)\" \(expiry.brief)"
        case .delete(let key): "delete \(key)"
        case .count(let key, let amount, let expiry): "count \(key) by \(amount) \(expiry.brief)"
        case .insert(let key, let member): "insert \(member.text) into \(key)"
        case .remove(let key, let member): "remove \(member.text) from \(key)"
        case .whenEmpty(let key, let effects): "when \(key) is empty \(effects.map(\.brief))"
        }
    }
}

extension Duration? {
    fileprivate var brief: String { self.map { "for \($0)" } ?? "" }
}

extension Condition {
    fileprivate var isOfProcess: Bool {
        if case .departed = self { return true }
        return false
    }

    fileprivate var brief: String {
        switch self {
        case .absent(let key): "\(key) is absent"
        case .equals(let key, let bytes): "\(key) is \(bytes.text)"
        case .contains(let key, let member): "\(key) has \(member.text)"
        case .lacks(let key, let member): "\(key) lacks \(member.text)"
        case .reached(let moment): "it is \(moment)"
        case .departed(let process): "\(process) has departed"
        }
    }
}
