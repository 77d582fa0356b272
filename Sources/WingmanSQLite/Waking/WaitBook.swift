internal import Supervision
internal import Synchronization
internal import Wingman

/// Who waits for which sources. Commits of this process wake those they concern at once; what others did makes all look.
final class WaitBook: Sendable {
    /// Why a wait ended, or went on.
    enum Event: Sendable {
        /// Something was added to one of the sources.
        case added
        /// Another process did something: look.
        case rung
        /// The time is over.
        case late
        /// The process waits no more.
        case stopped
    }

    private struct State {
        var entries: [Int: Entry] = [:]
        var last = 0
        var stopped: Set<ProcessID> = []
        var isClosed = false
    }

    private let state = Mutex(State())

    /// One wait; entered before the store is looked at, so that nothing is missed in between.
    final class Entry: Sendable {
        let number: Int
        let process: ProcessID?
        let sources: Set<String>
        private let state = Mutex(Waiting())

        private struct Waiting {
            var event: Event?
            var waiter: CheckedContinuation<Event, Never>?
        }

        init(number: Int, process: ProcessID?, sources: Set<String>) {
            self.number = number
            self.process = process
            self.sources = sources
        }

        /// Waits for the next event, at most `duration`. One that came since the last wait counts. The cancellation of the
        /// task is a stop.
        func next(within duration: Duration, by time: any Timekeeper) async -> Event {
            let timer = time.schedule(after: duration) { self.notify(.late) }
            defer { timer.cancel() }
            return await withTaskCancellationHandler {
                await withCheckedContinuation { waiter in
                    let event = self.state.withLock { state in
                        let event = state.event.take()
                        if event == nil { state.waiter = waiter }
                        return event
                    }
                    if let event { waiter.resume(returning: event) }
                }
            } onCancel: {
                self.notify(.stopped)
            }
        }

        func notify(_ event: Event) {
            let waiter = self.state.withLock { state in
                let waiter = state.waiter.take()
                // Kept for the next wait, but for the end of this one's time. A stop is never forgotten for less.
                if waiter == nil, case .late = event { return waiter }
                if waiter == nil, state.event != .stopped, state.event != .added || event == .stopped {
                    state.event = event
                }
                return waiter
            }
            waiter?.resume(returning: event)
        }
    }

    /// - Returns: Nil if the process waits no more.
    func enter(_ sources: Set<String>, process: ProcessID?) -> Entry? {
        self.state.withLock { state in
            if state.isClosed { return nil }
            if let process, state.stopped.contains(process) { return nil }
            state.last += 1
            let entry = Entry(number: state.last, process: process, sources: sources)
            state.entries[entry.number] = entry
            return entry
        }
    }

    func leave(_ entry: Entry) {
        self.state.withLock { $0.entries[entry.number] = nil }
    }

    var isEmpty: Bool { self.state.withLock { $0.entries.isEmpty } }

    /// This process added something to `sources`.
    func added(to sources: Set<String>) {
        self.notify(.added) { !$0.sources.isDisjoint(with: sources) }
    }

    /// Another process did something.
    func rung() {
        self.notify(.rung) { _ in true }
    }

    /// Ends the waits of a process for good.
    func stop(_ process: ProcessID) {
        self.state.withLock { _ = $0.stopped.insert(process) }
        self.notify(.stopped) { $0.process == process }
    }

    /// Ends all waits for good.
    func close() {
        self.state.withLock { $0.isClosed = true }
        self.notify(.stopped) { _ in true }
    }

    private func notify(_ event: Event, where matches: (Entry) -> Bool) {
        let entries = self.state.withLock { state in
            // Most commits concern nobody who waits.
            state.entries.isEmpty ? [] : Array(state.entries.values)
        }
        for entry in entries where matches(entry) { entry.notify(event) }
    }
}
