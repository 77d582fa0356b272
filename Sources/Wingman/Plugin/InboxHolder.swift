import Synchronization

/// What the guard of suspects knows of an inbox, whose loop asks it before each claim.
final class InboxHolder: SuspectHolder {
    private struct State {
        var isHeld = false
        /// It holds messages that are no waiting suspects, or a claim is under way.
        var isBusy = false
        var waiting: [Token] = []
        /// The suspect that may be received now.
        var alone: Token?
        /// Suspects that the store does not know of.
        var putBack: Set<Token> = []
        var number = 0

        mutating func report() -> SuspectGate.Report {
            self.number += 1
            return SuspectGate.Report(
                waiting: self.waiting,
                isDrained: self.isHeld && !self.isBusy,
                number: self.number
            )
        }
    }

    /// Wakes the inbox when the guard has said something.
    private let bell: Bell
    private let state = Mutex(State())
    private let membership = Mutex<(guard: SuspectGuard, member: SuspectGate.Member)?>(nil)

    init(bell: Bell) {
        self.bell = bell
    }

    /// Joins the guard; without one suspects are no matter.
    func join(_ guardian: SuspectGuard?) {
        guard let guardian else { return }
        let member = guardian.join(self)
        self.membership.withLock { $0 = (guardian, member) }
    }

    /// The inbox is gone.
    func leave() {
        guard let (guardian, member) = self.membership.withLock({ $0.take() }) else { return }
        guardian.leave(member)
    }

    // MARK: The inbox's side

    /// Whether the inbox has to hold still.
    var isHeld: Bool { self.state.withLock { $0.isHeld } }

    /// Begins a claim, unless the inbox has to hold still.
    func mayClaim() -> Bool {
        self.state.withLock { state in
            guard !state.isHeld else { return false }
            state.isBusy = true
            return true
        }
    }

    /// What the inbox holds has changed.
    ///
    /// - Parameters:
    ///   - isBusy: Whether it holds anything but waiting suspects.
    ///   - waiting: Suspects that were not received yet.
    func holds(isBusy: Bool, waiting: [Token]) {
        let report = self.state.withLock { state -> SuspectGate.Report? in
            let (wasBusy, before) = (state.isBusy, state.waiting)
            state.isBusy = isBusy || state.alone != nil
            state.waiting = waiting.filter { $0 != state.alone && !state.putBack.contains($0) }
            guard state.waiting != before || state.isHeld && state.isBusy != wasBusy else { return nil }
            return state.report()
        }
        guard let report, let (guardian, member) = self.membership.withLock({ $0 }) else { return }
        guardian.report(report, of: member)
    }

    /// The suspect that may be received now, once.
    func takeAlone() -> Token? { self.state.withLock { $0.alone.take() } }

    /// The suspects that the store does not know of, since the last call: settled, they turn out to be lost.
    func takePutBack() -> Set<Token> {
        self.state.withLock { state in
            defer { state.putBack = [] }
            return state.putBack
        }
    }

    // MARK: The guard's side

    func hold() -> SuspectGate.Report { self.told { $0.isHeld = true } }
    func release() -> SuspectGate.Report { self.told { $0.isHeld = false } }

    func runAlone(_ token: Token) -> SuspectGate.Report {
        self.told { state in
            guard let index = state.waiting.firstIndex(of: token) else { return }
            state.waiting.remove(at: index)
            state.alone = token
            state.isBusy = true
        }
    }

    /// The store says that it is not held: the inbox finds out when it settles it.
    func putBack(_ token: Token) -> SuspectGate.Report {
        self.told { state in
            state.waiting.removeAll { $0 == token }
            state.putBack.insert(token)
        }
    }

    private func told(_ body: (inout State) -> Void) -> SuspectGate.Report {
        let report = self.state.withLock { state in
            body(&state)
            return state.report()
        }
        self.bell.ring()
        return report
    }
}
