internal import Wingman

/// A process's life: beats, leaving, giving up.
extension MemoryState {
    private static let publishedFor = 60_000_000  // microseconds, as Sidekiq
    private static let signalsFor = 60_000_000

    mutating func beat(_ beat: Beat) -> BeatReply {
        let lease = beat.lease.wholeMilliseconds
        self.keepClock(lease: lease)
        let leaseEnd = self.milliseconds + lease
        switch beat.kind {
        case .register:
            guard !self.isKnown(beat.process) else { return .refused }
            self.processes[beat.process] = ProcessState(leaseEnd: leaseEnd)
        case .renew:
            guard self.processes[beat.process] != nil else { return .refused }
            // One that has run out, but that nobody fenced yet, is revived.
            self.processes[beat.process]?.leaseEnd = leaseEnd
        }
        let signals = self.takeNews(beat)
        let report = ProcessReport(
            process: beat.process,
            info: beat.info,
            busy: beat.work.count,
            isQuiet: beat.isQuiet,
            beatAt: self.seconds
        )
        self.published[beat.process] = (report, self.now + Self.publishedFor)
        let lanes = self.processes[beat.process]?.lanes.mapValues(\.number) ?? [:]
        return .alive(lanes: lanes, signals: signals)
    }

    private func isKnown(_ process: ProcessID) -> Bool {
        self.processes[process] != nil || self.graves[process] != nil
            || self.draining.contains { $0.process == process }
    }

    /// If nobody beat for over half a lease, or the time went back, then the store was away or its clock was set: nobody
    /// is rescued until all have had the chance to beat twice. Time that went back also starts all leases anew.
    private mutating func keepClock(lease: Int) {
        let last = self.lastBeat?.milliseconds
        if let last, self.milliseconds < last {
            let leaseEnd = self.milliseconds + lease
            for process in self.processes.keys { self.processes[process]?.leaseEnd = leaseEnd }
        }
        if last.map({ self.milliseconds < $0 || self.milliseconds - $0 > lease / 2 }) ?? true {
            self.graceEnd = self.milliseconds + lease * 2 / 5
        }
        self.lastBeat = (self.milliseconds, lease)
    }

    /// A beat of a new number brings its figures once, and takes the signals; the same again gets those again; an older
    /// one that comes late gets and brings nothing.
    private mutating func takeNews(_ beat: Beat) -> [String] {
        guard var process = self.processes[beat.process], beat.number >= process.beats else { return [] }
        if beat.number > process.beats {
            for metric in beat.executions { self.count(metric) }
            process.lastSignals = []
        }
        process.lastSignals += self.signals.removeValue(forKey: beat.process)?.map(\.word) ?? []
        process.beats = beat.number
        self.processes[beat.process] = process
        return process.lastSignals
    }

    mutating func signal(_ process: ProcessID, _ word: String) {
        self.signals[process, default: []].append((word, self.now + Self.signalsFor))
    }

    mutating func leave(_ process: ProcessID) -> Bool {
        if let state = self.processes[process] {
            guard state.held.isEmpty else { return false }
            self.bury(process)
        } else if let fenced = self.draining.first(where: { $0.process == process }) {
            guard fenced.held.isEmpty else { return false }
            self.bury(process)
        }
        return true
    }

    /// Whether nothing is left of `process` but, perhaps, its name.
    func hasDeparted(_ process: ProcessID) -> Bool {
        self.processes[process] == nil && !self.draining.contains { $0.process == process }
    }

    mutating func abandon(_ process: ProcessID) {
        self.fence(process, convicts: false)
    }

    /// From here on `process` is answered "fenced", whatever it asks.
    mutating func fence(_ process: ProcessID, convicts: Bool) {
        guard let state = self.processes.removeValue(forKey: process) else { return }
        self.draining.append(
            FencedProcess(
                process: process,
                fencedAt: self.milliseconds,
                convicts: convicts,
                isolated: state.isolated,
                held: state.held
            )
        )
    }

    mutating func bury(_ process: ProcessID) {
        self.processes[process] = nil
        self.draining.removeAll { $0.process == process }
        self.published[process] = nil
        self.graves[process] = self.milliseconds
    }

    /// - Returns: False if `process` has no lease, or does not hold `token` under it.
    mutating func isolate(_ token: Token?, _ process: ProcessID) -> Bool {
        guard let state = self.processes[process], token.map({ state.held[$0] != nil }) ?? true else { return false }
        self.processes[process]?.isolated = token
        return true
    }
}
