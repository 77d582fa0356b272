import Synchronization
import Wingman

/// Steps over one queue in memory, for a ``ScriptedStore``: claims from its head, gives back to it, and counts what
/// became of every job.
final class QueueScript: Sendable {
    struct State {
        var queue: [[UInt8]] = []
        var held: [Token: [UInt8]] = [:]
        /// Outcomes in the order in which they came, by payload.
        var ended: [(payload: [UInt8], disposition: Disposition)] = []
        var stale = 0
        var claims = 0
        /// Crashes by job ID, or by the whole payload.
        var crashes: [String: Int] = [:]
        /// Each lane's last step, by process.
        var lanes: [ProcessID: [Int: Int]] = [:]
    }

    private let state: Mutex<State>

    init(_ payloads: [String]) {
        self.state = Mutex(State(queue: payloads.map { Array($0.utf8) }))
    }

    var queue: [String] { self.state.withLock { $0.queue.map { String(decoding: $0, as: UTF8.self) } } }
    var held: Int { self.state.withLock { $0.held.count } }
    var stale: Int { self.state.withLock { $0.stale } }
    var ended: [Disposition] { self.state.withLock { $0.ended.map(\.disposition) } }

    /// The job IDs of what ended, in the order of ending.
    var order: [String] { self.state.withLock { $0.ended.map { State.name(of: $0.payload) } } }

    /// From here on claims say that these are suspects: crashes by job ID, or by the whole payload.
    func suspect(_ crashes: [String: Int]) { self.state.withLock { $0.crashes = crashes } }

    func push(_ payload: String) { self.state.withLock { $0.queue.append(Array(payload.utf8)) } }

    /// What is held under this token is somebody else's from here on.
    func lose(_ token: Token) { self.state.withLock { $0.held[token] = nil } }

    /// A beat is told the steps that were made, as by a store that lost none of them.
    func reply(to beat: Beat) -> BeatReply {
        self.state.withLock { .alive(lanes: $0.lanes[beat.process, default: [:]], signals: []) }
    }

    func reply(to step: Step) -> StepReply {
        self.state.withLock { state in
            state.lanes[step.process, default: [:]][step.lane] = step.number
            let answers = step.settlements.map { state.settle($0) }
            let claimed = state.claim(step.claim, process: step.process)
            return .done(answers: answers, claimed: claimed, leaseExpired: false)
        }
    }
}

extension QueueScript.State {
    fileprivate static func name(of payload: [UInt8]) -> String {
        let text = String(decoding: payload, as: UTF8.self)
        guard let start = text.firstRange(of: "\"jid\":\"")?.upperBound else { return text }
        return String(text[start...].prefix { $0 != "\"" })
    }

    fileprivate mutating func settle(_ settlement: Settlement) -> SettleAnswer {
        guard let payload = self.held.removeValue(forKey: settlement.token) else {
            self.stale += 1
            return .stale
        }
        if case .giveBack = settlement.disposition {
            self.queue.insert(payload, at: 0)
        } else {
            self.ended.append((payload, settlement.disposition))
        }
        return .settled
    }

    fileprivate mutating func claim(_ count: Int, process: ProcessID) -> [Claimed] {
        let taken = Array(self.queue.prefix(count))
        self.queue.removeFirst(taken.count)
        return taken.map { payload in
            self.claims += 1
            let claimed = Claimed(
                token: Token(rawValue: "\(process):\(self.claims)"),
                source: .queue("default"),
                payload: payload,
                crashes: self.crashes[Self.name(of: payload), default: 0]
            )
            self.held[claimed.token] = payload
            return claimed
        }
    }
}
