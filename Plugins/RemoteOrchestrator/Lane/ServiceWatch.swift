import Supervision
import Synchronization
import Wingman

/// Waits for a client's service to run again, while its lane stands still, and looks at how it takes messages then.
final class ServiceWatch: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var kind: HandlerKind?
    }

    /// From one wait to the next.
    private static let interval = Duration.seconds(60)

    private let client: String
    private let workshop: Workshop
    private let work: LaneWork
    private let state = Mutex(State())

    init(client: String, workshop: Workshop, work: LaneWork) {
        self.client = client
        self.workshop = workshop
        self.work = work
    }

    /// Begins to wait, unless it does.
    func begin() {
        self.state.withLock { state in
            guard state.task == nil else { return }
            // Unstructured: the lane's loop goes on settling meanwhile. It is cancelled with the loop's turn.
            state.task = Task(executorPreference: self.workshop.environment.time.executor) { await self.wait() }
        }
    }

    /// How the service takes messages since it came back; nil if it did not go away.
    func takeKind() -> HandlerKind? { self.state.withLock { $0.kind.take() } }

    func cancel() { self.state.withLock { $0.task.take() }?.cancel() }

    private func wait() async {
        let services = self.workshop.environment.services
        while !Task.isCancelled {
            // A parked service whose messages die instead of waiting needs no waiting either.
            let dies = services.state(of: self.client) == .parked && !self.workshop.options.holdsWhenParked
            let hasCome = (try? await services.wait(for: self.client, within: dies ? .zero : Self.interval)) != nil
            guard hasCome || dies else { continue }
            let kind = try? await services.withService(named: self.client, as: (any Service).self) {
                HandlerKind(of: $0)
            }
            guard kind != nil || dies else { continue }
            self.state.withLock { state in
                state.kind = kind
                state.task = nil
            }
            return self.work.resume()
        }
    }
}
