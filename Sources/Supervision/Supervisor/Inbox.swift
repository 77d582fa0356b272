import DequeModule
import Synchronization

/// What a supervisor has been told and has not taken in yet. Unlike an `AsyncStream` it goes on when the reading task is
/// cancelled: that is when there is most to do.
final class Inbox: Sendable {
    private struct State: Sendable {
        var inputs = Deque<MachineInput>()
        var waiting: CheckedContinuation<MachineInput?, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Adds an input.
    ///
    /// - Returns: False when the inbox is closed; the input was not taken then.
    func put(_ input: MachineInput) -> Bool {
        let (isTaken, waiting): (Bool, CheckedContinuation<MachineInput?, Never>?) = self.state.withLock { state in
            guard !state.isClosed else { return (false, nil) }
            guard let waiting = state.waiting else {
                state.inputs.append(input)
                return (true, nil)
            }
            state.waiting = nil
            return (true, waiting)
        }
        waiting?.resume(returning: input)
        return isTaken
    }

    /// Waits for the next input; nil when the inbox is closed. For one reader.
    func next() async -> MachineInput? {
        await withCheckedContinuation { continuation in
            let now: MachineInput?? = self.state.withLock { state in
                if let input = state.inputs.popFirst() { return .some(input) }
                if state.isClosed { return .some(nil) }
                state.waiting = continuation
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// Takes no more, and gives back what nobody has read.
    func close() -> Deque<MachineInput> {
        let (rest, waiting) = self.state.withLock { state in
            defer { state = State(isClosed: true) }
            return (state.inputs, state.waiting)
        }
        waiting?.resume(returning: nil)
        return rest
    }
}
