import ServiceLifecycle
import Supervision
import Synchronization
import Wingman

/// The sign that nothing more is to be taken: the process is quiet, or the orchestrator stops. It is never taken back.
///
/// Everybody who sleeps while there is nothing to do registers the bell that wakes them.
final class Closing: Sendable {
    private struct State {
        var isClosed = false
        var bells: [Int: @Sendable () -> Void] = [:]
        var lastTicket = 0
    }

    private let state = Mutex(State())

    /// Whether it is time.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// It is time.
    func close() {
        let bells = self.state.withLock { state in
            state.isClosed = true
            defer { state.bells = [:] }
            return state.bells.values.map { $0 }
        }
        for bell in bells { bell() }
    }

    /// Calls `body` when it is time, at once if it is.
    ///
    /// - Returns: For ``forget(_:)``.
    func whenClosed(_ body: @escaping @Sendable () -> Void) -> Int {
        let (ticket, isClosed) = self.state.withLock { state in
            state.lastTicket += 1
            if !state.isClosed { state.bells[state.lastTicket] = body }
            return (state.lastTicket, state.isClosed)
        }
        if isClosed { body() }
        return ticket
    }

    /// Does not call it any more.
    func forget(_ ticket: Int) {
        self.state.withLock { $0.bells[ticket] = nil }
    }
}

extension Bell {
    /// Sleeps for `duration` at most, and no longer when the service is told to stop.
    func sleepUnlessStopped(for duration: Duration, on time: any Timekeeper) async {
        await withGracefulShutdownHandler {
            await self.sleep(for: duration, on: time)
        } onGracefulShutdown: {
            self.ring()
        }
    }
}
