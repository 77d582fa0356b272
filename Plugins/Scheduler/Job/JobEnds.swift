import Wingman

/// What the scheduler does in the same step as the end of one of its jobs: notes the outcome, and frees the schedule.
enum JobEnds {
    static func effects(of end: JobEnd, _ keys: KeySpace) -> [Effect] {
        guard let schedule = end.context.schedule else { return [] }
        let jobID = end.context.jobID
        let outcome = JobOutcome(jid: jobID, kind: end.kind.rawValue)
        var effects: [Effect] = [
            .put(keys.key(Keys.outcome(schedule.schedule, slot: schedule.slot)), Array(outcome.text.utf8))
        ]
        if schedule.isWatched, end.isFinal {
            effects.append(.remove(keys.key(Keys.live(schedule.schedule)), member: Array(jobID.utf8)))
        }
        return effects
    }
}

/// What became of a job, as it is kept in a slot: `done 64f0…`.
struct JobOutcome: Sendable, Hashable {
    let jid: String
    let kind: String

    init(jid: String, kind: String) {
        self.jid = jid
        self.kind = kind
    }

    init?(_ bytes: [UInt8]) {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        self.kind = String(parts[0])
        self.jid = String(parts[1])
    }

    var text: String { "\(self.kind) \(self.jid)" }
}
