internal import HiredisNIO
internal import Wingman

/// What `step.lua` is given and answers.
enum StepCall {
    static func encode(_ step: Step, _ script: RedisScript) -> RedisScriptCall {
        var call = script.call(capacity: Self.size(of: step))
        call.append(step.process.rawValue)
        call.append(step.lane)
        call.append(step.number)
        call.append(step.claim)
        call.append(step.sources.count)
        for source in step.sources { call.append(source.key) }
        var rest = step.settlements[...]
        while let first = rest.first {
            let run = rest.prefix { $0.letter == first.letter && $0.tally == first.tally }
            call.append(first.letter)
            call.append(first.tally.letter)
            call.append(run.count)
            for settlement in run { Self.append(settlement, to: &call) }
            rest = rest.dropFirst(run.count)
        }
        return call
    }

    private static func append(_ settlement: Settlement, to call: inout RedisScriptCall) {
        if !settlement.effects.isEmpty { call.append(settlement.disposition.letter) }
        call.append(settlement.token.rawValue)
        switch settlement.disposition {
        case .done, .giveBack:
            break
        case .retry(let payload, let delay), .schedule(let payload, let delay):
            call.append(delay.wholeMilliseconds)
            call.append(payload)
        case .later(let list, let payload, let delay):
            call.append(delay.wholeMilliseconds)
            call.append(payload)
            call.append(Place.later(list).key)
        case .dead(let payload):
            call.append(payload)
        case .append(let list, let payload):
            call.append(list)
            call.append(payload)
        }
        if !settlement.effects.isEmpty { call.append(counted: settlement.effects) }
    }

    /// Room for the whole call at once: a token and its frame take about 70 bytes.
    private static func size(of step: Step) -> Int {
        step.settlements.reduce(256 + 32 * step.sources.count) { sum, settlement in
            let sum = settlement.effects.isEmpty ? sum : sum + 32 + settlement.effects.bytes
            return switch settlement.disposition {
            case .done, .giveBack: sum + 72
            case .retry(let payload, _), .schedule(let payload, _), .dead(let payload), .append(_, let payload),
                .later(_, let payload, _):
                sum + 112 + payload.count
            }
        }
    }

    /// - Parameter troubles: gets the texts of sources that could not be read, such as a key of another type.
    static func decode(
        _ reply: RESPValue,
        of step: Step,
        _ script: RedisScript,
        troubles: inout [String]
    ) throws(StoreError) -> StepReply {
        var cursor = try ReplyCursor(reply, of: script)
        switch try cursor.text() {
        case "ok": break
        case "fenced": return .fenced
        case "gap": return .gap(last: try cursor.integer())
        default: throw cursor.malformed("known word")
        }
        let leaseExpired = try cursor.integer() == 1
        let letters = try cursor.bytes()
        let stamp = try cursor.text()
        let answers = try Self.answers(letters, errors: try cursor.texts(), &cursor)
        guard answers.count == step.settlements.count else { throw cursor.malformed("answer for each settlement") }
        troubles = try cursor.texts()
        return .done(answers: answers, claimed: try Self.claims(&cursor, step, stamp), leaseExpired: leaseExpired)
    }

    private static func answers(
        _ letters: [UInt8],
        errors: [String],
        _ cursor: inout ReplyCursor
    ) throws(StoreError) -> [SettleAnswer] {
        var errors = errors[...]
        var answers: [SettleAnswer] = []
        answers.reserveCapacity(letters.count)
        for letter in letters {
            switch letter {
            case UInt8(ascii: "O"): answers.append(.settled)
            case UInt8(ascii: "S"): answers.append(.stale)
            case UInt8(ascii: "E"): answers.append(.failed(errors.popFirst() ?? "unknown error"))
            default: throw cursor.malformed("known answer")
            }
        }
        return answers
    }

    private static func claims(
        _ cursor: inout ReplyCursor,
        _ step: Step,
        _ stamp: String
    ) throws(StoreError) -> [Claimed] {
        var runs: [(key: String, count: Int)] = []
        for _ in 0..<max(0, try cursor.integer()) { runs.append((try cursor.text(), try cursor.integer())) }
        var crashes: [Int: Int] = [:]
        for _ in 0..<max(0, try cursor.integer()) { crashes[try cursor.integer()] = try cursor.integer() }
        var claims: [Claimed] = []
        claims.reserveCapacity(cursor.remaining)
        var index = 0
        for run in runs {
            let source = Source(key: run.key)
            for _ in 0..<max(0, run.count) {
                index += 1
                // Nil: a repeated answer, and this job has been settled since.
                guard let payload = try cursor.next().bytes else { continue }
                let token = Token(rawValue: "\(step.lane):\(step.number):\(index):\(stamp):\(run.key)")
                let suspicion = crashes.isEmpty ? 0 : crashes[index, default: 0]
                claims.append(Claimed(token: token, source: source, payload: payload, crashes: suspicion))
            }
        }
        return claims
    }
}

extension Settlement {
    /// How `step.lua` names it: its disposition, or that it has effects.
    fileprivate var letter: String { self.effects.isEmpty ? self.disposition.letter : "e" }
}

extension Disposition {
    /// How `step.lua` names it.
    fileprivate var letter: String {
        switch self {
        case .done: "d"
        case .giveBack: "g"
        case .retry: "r"
        case .schedule: "s"
        case .later: "l"
        case .dead: "k"
        case .append: "a"
        }
    }
}

extension Tally {
    /// How `step.lua` names it.
    fileprivate var letter: String {
        switch self {
        case .none: "n"
        case .processed: "p"
        case .failed: "f"
        }
    }
}
