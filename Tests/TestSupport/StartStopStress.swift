public import Supervision

/// What children in such a test are to be stopped by: so patient that none is abandoned because the machine is busy.
public let patientStop = StopPolicy(graceful: patience, cancel: patience)

/// Starts a tree fifty times, and each time treats it from ten tasks at once as many programs would in a year: stops it,
/// restarts, ends, removes and resumes its children, makes it quiet, looks at it.
///
/// - Parameters:
///   - make: Makes the tree of one round.
///   - afterRound: Looks at what is left, once `run()` has returned.
/// - Returns: The trees in which something ran on, or was abandoned, after `run()` had returned: none, if all is well.
/// - Throws: What `make` and the tree's `run()` throw.
public func startStopStress(
    rounds: Int = 50,
    tasks: Int = 10,
    _ make: () throws -> Supervisor,
    afterRound: (Supervisor) throws -> Void = { _ in }
) async throws -> [String] {
    var unclean: [String] = []
    for round in 0..<rounds {
        let root = try make()
        async let run: Void = root.run()
        // Every other time in the middle of its start.
        if round.isMultiple(of: 2) { await root.untilStarted() }
        await withDiscardingTaskGroup { group in
            for task in 0..<tasks { group.addTask { await root.disturb(step: task, round: round) } }
        }
        root.stop()
        try await run
        try afterRound(root)
        let tree = root.tree()
        if !tree.isAtRest || !root.unstopped.isEmpty { unclean.append("round \(round):\n\(tree.text)") }
    }
    return unclean
}

extension Supervisor {
    /// Waits until all children have had their start.
    fileprivate func untilStarted() async {
        while [.pending, .starting].contains(self.tree().state) { await Task.yield() }
    }

    /// One of the things that may happen to a tree. What the tree refuses meanwhile is its right.
    fileprivate func disturb(step: Int, round: Int) async {
        let leaves = self.tree().leaves
        let path = leaves.isEmpty ? "" : String(leaves[(step + round) % leaves.count].dropFirst(self.path.count + 1))
        switch (step + round) % 10 {
        case 0: if round.isMultiple(of: 3) { self.stop() }
        case 1: await self.quietAndWait()
        case 2, 3: try? await self.restart(path)
        case 4: try? await self.terminate(path)
        case 5: try? await self.remove(path)
        case 6: try? await self.resume(path)
        case 7: _ = self.tree().text
        case 8: if round.isMultiple(of: 5) { self.stopNow() }
        default:
            let events = self.events(capacity: 8)
            _ = self.registry.names
            events.cancel()
        }
    }
}

extension TreeNode {
    /// The paths of all services.
    fileprivate var leaves: [String] {
        self.kind == .service ? [self.path] : self.children.flatMap(\.leaves)
    }

    /// Whether nothing runs in it.
    fileprivate var isAtRest: Bool {
        let isOver =
            switch self.state {
            case .finished, .failed, .pending: true
            case .starting, .running, .stopping, .restarting, .blocked, .parked, .standby: false
            }
        return isOver && self.abandoned == 0 && self.children.allSatisfy(\.isAtRest)
    }
}
