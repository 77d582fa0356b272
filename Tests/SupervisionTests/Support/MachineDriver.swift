@testable import Supervision

/// Plays the world of one machine: launches succeed at once, timers fire in order, and the test makes children end.
struct MachineDriver {
    private(set) var machine: SupervisorMachine
    private(set) var now = Duration.seconds(1_000)
    private(set) var running: [ChildID: UInt64] = [:]
    private(set) var launches: [(time: Duration, path: String)] = []
    private(set) var delays: [Duration] = []
    private(set) var result: SupervisionError??
    private var timers: [(key: TimerKey, token: UInt64, deadline: Duration)] = []

    init(_ specification: SupervisorSpecification, seed: UInt64 = 1) {
        self.machine = SupervisorMachine(specification, path: specification.name, seed: seed)
        self.send(.start)
    }

    /// Whether the machine has finished.
    var isFinished: Bool { self.result != nil }

    mutating func send(_ input: MachineInput) {
        for action in self.machine.handle(input, at: self.now) { self.perform(action) }
    }

    mutating func fail(_ id: ChildID, _ error: any Error = Broken(), _ directive: ErrorDirective = .restart) {
        guard let generation = self.running.removeValue(forKey: id) else { return }
        self.send(.exited(id, generation: generation, .threw(error, directive)))
    }

    mutating func fail(_ name: String) {
        guard let id = self.machine.names[name] else { return }
        self.fail(id)
    }

    mutating func pass(_ duration: Duration) {
        self.now += duration
    }

    /// Moves to the earliest timer and fires it.
    ///
    /// - Returns: False when there is none.
    mutating func fireNext() -> Bool {
        guard let index = self.timers.indices.min(by: { self.timers[$0].deadline < self.timers[$1].deadline }) else {
            return false
        }
        let timer = self.timers.remove(at: index)
        self.now = max(self.now, timer.deadline)
        self.send(.timer(timer.key, token: timer.token, lastBeat: nil))
        return true
    }

    private mutating func perform(_ action: MachineAction) {
        switch action {
        case .launch(let id, let generation, _):
            self.running[id] = generation
            self.launches.append((self.now, self.machine.children[id]?.path ?? ""))
            self.send(.ready(id, generation: generation))
        case .requestStop(let id, let generation), .cancel(let id, let generation):
            self.running[id] = nil
            self.send(.exited(id, generation: generation, .returned))
        case .arm(let key, let token, let delay):
            self.timers.removeAll { $0.key == key }
            self.timers.append((key, token, self.now + delay))
        case .disarm(let key):
            self.timers.removeAll { $0.key == key }
        case .note(_, _, .restarting(let delay)):
            self.delays.append(delay)
        case .finish(let error):
            self.result = .some(error)
        case .abandon, .quiet, .note, .announce, .watchLeadership, .forget, .exitProcess, .terminateTree, .answer,
            .pulse, .started:
            break
        }
    }
}
