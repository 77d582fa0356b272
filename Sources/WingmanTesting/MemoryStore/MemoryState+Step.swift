internal import Wingman

/// The numbered step: settle, then claim.
extension MemoryState {
    private static let claimBytes = 4_194_304  // a claim ends here: one answer must not hold anybody up

    mutating func step(_ step: Step) -> StepReply {
        guard let process = self.processes[step.process] else { return .fenced }
        let last = process.lanes[step.lane]
        if let last, step.number == last.number {
            // The same answer; what has been settled since is not claimed again.
            let still = last.claimed.filter { process.held[$0.token] != nil }
            return .done(answers: last.answers, claimed: still, leaseExpired: last.leaseExpired)
        }
        guard step.number == (last?.number ?? 0) + 1 else { return .gap(last: last?.number ?? 0) }
        let answers = self.settle(step.settlements, of: step.process)
        // Not under an expired lease: a rescuer may be about to take everything from this process.
        let isExpired = process.leaseEnd <= self.milliseconds
        let claimed = isExpired ? [] : self.claim(step)
        let record = RecordedStep(number: step.number, answers: answers, claimed: claimed, leaseExpired: isExpired)
        self.processes[step.process]?.lanes[step.lane] = record
        return .done(answers: answers, claimed: claimed, leaseExpired: isExpired)
    }

    // MARK: Settling

    /// Give-backs come last, newest claim first, so that the oldest is the next to run.
    private mutating func settle(_ settlements: [Settlement], of process: ProcessID) -> [SettleAnswer] {
        var answers = [SettleAnswer](repeating: .stale, count: settlements.count)
        var returned: [(index: Int, serial: Int)] = []
        for (index, settlement) in settlements.enumerated() {
            guard let held = self.processes[process]?.held[settlement.token] else { continue }
            if case .giveBack = settlement.disposition {
                returned.append((index, held.serial))
            } else {
                answers[index] = self.settle(settlement, held, of: process)
            }
        }
        for (index, _) in returned.sorted(by: { $0.serial > $1.serial }) {
            // Twice in one step: the second is stale.
            guard let held = self.processes[process]?.held[settlements[index].token] else { continue }
            answers[index] = self.settle(settlements[index], held, of: process)
        }
        return answers
    }

    /// Effects, destination, token; or, if an effect cannot be applied, nothing, and the token stays.
    private mutating func settle(_ settlement: Settlement, _ held: HeldJob, of process: ProcessID) -> SettleAnswer {
        do {
            try self.apply(settlement.effects)
        } catch {
            return .failed(error.reason)
        }
        self.send(held, settlement.disposition)
        self.processes[process]?.held[settlement.token] = nil
        switch settlement.tally {
        case .none: break
        case .processed: self.processed += 1
        case .failed:
            self.processed += 1
            self.failed += 1
        }
        return .settled
    }

    private mutating func send(_ held: HeldJob, _ disposition: Disposition) {
        switch disposition {
        case .done: break
        case .retry(let payload, let delay): self.insert(payload, into: .retry, at: self.seconds(after: delay))
        case .schedule(let payload, let delay): self.insert(payload, into: .schedule, at: self.seconds(after: delay))
        case .later(let list, let payload, let delay):
            self.insert(payload, into: .later(list), at: self.seconds(after: delay))
        case .dead(let payload): self.insert(payload, into: .dead, at: self.seconds)
        case .append(let list, let payload): self.append(payload, to: .list(list))
        case .giveBack: return self.putBack(held.payload, to: held.source)
        }
        self.suspicions[held.payload] = nil
    }

    private func seconds(after delay: Duration) -> Double {
        Double(self.now + delay.wholeMilliseconds * 1_000) / 1_000_000
    }

    // MARK: Claiming

    private mutating func claim(_ step: Step) -> [Claimed] {
        var claimed: [Claimed] = []
        var bytes = 0
        for source in step.sources where !self.isPaused(source) {
            while claimed.count < step.claim, bytes < Self.claimBytes, let payload = self.takeFirst(of: source) {
                let serial = self.nextSerial()
                let token = Token(rawValue: "claim-\(serial)")
                let crashes = self.suspicions[payload]?.crashes ?? 0
                self.processes[step.process]?.held[token] = HeldJob(serial: serial, source: source, payload: payload)
                claimed.append(Claimed(token: token, source: source, payload: payload, crashes: crashes))
                bytes += payload.count
            }
        }
        return claimed
    }
}
