package import Wingman

extension Beat {
    package static func of(
        _ process: ProcessID,
        _ kind: Kind = .renew,
        number: Int,
        lease: Duration = .seconds(600),
        work: [Work] = [],
        executions: [ExecutionMetric] = []
    ) -> Beat {
        Beat(
            process: process,
            kind: kind,
            number: number,
            lease: lease,
            info: #"{"hostname":"test"}"#,
            concurrency: 5,
            isQuiet: false,
            residentKiB: 1_000,
            roundTripMicroseconds: 200,
            work: work,
            executions: executions
        )
    }
}

extension BeatReply {
    package var isAlive: Bool {
        if case .alive = self { return true }
        return false
    }

    package var signals: [String] {
        if case .alive(_, let signals) = self { return signals }
        return []
    }

    package var lanes: [Int: Int] {
        if case .alive(let lanes, _) = self { return lanes }
        return [:]
    }
}

extension Claimed {
    package var text: String { String(decoding: self.payload, as: UTF8.self) }

    package func settled(
        _ disposition: Disposition = .done,
        _ tally: Tally = .processed,
        _ effects: [Effect] = []
    ) -> Settlement {
        Settlement(token: self.token, disposition: disposition, tally: tally, effects: effects)
    }
}

extension StepReply {
    package var isFenced: Bool {
        if case .fenced = self { return true }
        return false
    }

    package var gap: Int? {
        if case .gap(let last) = self { return last }
        return nil
    }
}

extension SettleAnswer {
    package var isFailure: Bool {
        if case .failed = self { return true }
        return false
    }
}

/// The bytes of a text.
package func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
