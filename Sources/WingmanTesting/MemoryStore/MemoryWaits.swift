internal import Wingman

/// Who waits for what: looked through after every change.
struct MemoryWaits {
    typealias Wake = @Sendable () -> Void

    /// One waiting call.
    struct Wait: Sendable {
        enum Purpose: Sendable {
            /// For something to claim: true, false when the time is up.
            case claim(ProcessID, [Source], CheckedContinuation<Bool, any Error>)
            /// For an element of a list.
            case element(String, CheckedContinuation<[UInt8]?, any Error>)
        }

        var connection: Int
        var purpose: Purpose

        /// The end of the wait without anything.
        func nothing() -> Wake {
            switch self.purpose {
            case .claim(_, _, let waiter): { waiter.resume(returning: false) }
            case .element(_, let waiter): { waiter.resume(returning: nil) }
            }
        }

        func failure() -> Wake {
            let error = StoreError(.unavailable, "the store in memory was closed during a wait")
            return switch self.purpose {
            case .claim(_, _, let waiter): { waiter.resume(throwing: error) }
            case .element(_, let waiter): { waiter.resume(throwing: error) }
            }
        }
    }

    /// By number, in the order they came: elements of a list go to who came first.
    private var waits: [(number: Int, wait: Wait)] = []
    /// Numbers of waits that have not ended.
    private var open: Set<Int> = []
    /// Those of them that were over before they were entered, and whether their tasks were cancelled, or the time was up.
    private var givenUp: [Int: Bool] = [:]
    private var stopped: [Int: Set<ProcessID>] = [:]
    private var connections = 0
    private var numbers = 0

    mutating func connect() -> Int {
        self.connections += 1
        return self.connections
    }

    mutating func nextNumber() -> Int {
        self.numbers += 1
        self.open.insert(self.numbers)
        return self.numbers
    }

    mutating func enter(_ wait: Wait, number: Int) {
        self.waits.append((number, wait))
    }

    mutating func giveUp(_ number: Int, isCancelled: Bool) -> Wake? {
        guard self.open.contains(number) else { return nil }
        guard let index = self.waits.firstIndex(where: { $0.number == number }) else {
            self.givenUp[number] = isCancelled || self.givenUp[number] == true
            return nil
        }
        self.open.remove(number)
        return self.waits.remove(at: index).wait.nothing()
    }

    mutating func disconnect(_ connection: Int) -> [Wake] {
        let ended = self.waits.filter { $0.wait.connection == connection }
        self.waits.removeAll { $0.wait.connection == connection }
        self.open.subtract(ended.map(\.number))
        return ended.map { $0.wait.failure() }
    }

    mutating func stop(_ process: ProcessID, on connection: Int) {
        self.stopped[connection, default: []].insert(process)
    }

    /// Those that are over, taken off the list.
    mutating func takeReady(_ state: inout MemoryState) -> [Wake] {
        var woken: [Wake] = []
        var left: [(number: Int, wait: Wait)] = []
        for (number, wait) in self.waits {
            let isCancelled = self.givenUp.removeValue(forKey: number)
            // Whose time is up gets what is there; who was cancelled wants nothing any more.
            let answer = isCancelled == true ? nil : self.answer(to: wait, &state)
            if let wake = answer ?? (isCancelled == nil ? nil : wait.nothing()) {
                woken.append(wake)
                self.open.remove(number)
            } else {
                left.append((number, wait))
            }
        }
        self.waits = left
        return woken
    }

    private func answer(to wait: Wait, _ state: inout MemoryState) -> Wake? {
        switch wait.purpose {
        case .claim(let process, let sources, let waiter):
            if self.stopped[wait.connection, default: []].contains(process) { return wait.nothing() }
            guard state.hasNews(for: process, in: sources) else { return nil }
            return { waiter.resume(returning: true) }
        case .element(let list, let waiter):
            guard let element = state.takeFirst(of: .list(list)) else { return nil }
            return { waiter.resume(returning: element) }
        }
    }
}
