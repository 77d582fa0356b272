internal import DequeModule
internal import Supervision
internal import Wingman

/// What waits for the thread of a connection: calls of a process's life first, pushes after them.
struct CallQueue: Sendable {
    /// Who may go first.
    enum Urgency: Sendable {
        /// Beats, steps, rescue and all else that keeps processes alive.
        case life
        /// Pushes: a bulk of them must not delay a beat.
        case push
    }

    /// A shared transaction takes no more calls once it has so many rows: at some 3 µs a row it then lasts about as long as
    /// the fsync that follows. A call is never split, so a larger push is a transaction of its own.
    static let rowsOfTransaction = 1_000

    /// What a push counts for: its rows, and as many more as its payloads fill pages, for a transaction of large jobs is long
    /// and holds all of them in memory.
    static func rows(of jobs: [PushedJob]) -> Int {
        jobs.count + jobs.reduce(0) { $0 + $1.payload.count } / 4_096
    }

    private var life = Deque<any AnyCall>()
    private var pushes = Deque<any AnyCall>()
    /// The first push is too large to share a transaction, and has let others go first.
    private var isLargePushDue = false
    /// There is a thread.
    private var isOpen = false
    private(set) var isClosed = false
    /// The thread waits for a signal.
    var isIdle = false

    /// How many calls wait.
    var count: Int { self.life.count + self.pushes.count }

    /// - Returns: False if nothing is taken: not yet, or not any more.
    mutating func append(_ call: any AnyCall, _ urgency: Urgency) -> Bool {
        guard self.isOpen, !self.isClosed else { return false }
        switch urgency {
        case .life: self.life.append(call)
        case .push: self.pushes.append(call)
        }
        return true
    }

    /// The calls of the next transaction: those of life, then pushes as far as there is room, but one at least, so that
    /// pushes starve no more than beats. Empty if nothing waits.
    mutating func next() -> [any AnyCall] {
        if self.isLargePushDue, let push = self.pushes.popFirst() {
            self.isLargePushDue = false
            return [push]
        }
        var calls: [any AnyCall] = []
        var rows = 0
        while let call = self.life.first, calls.isEmpty || rows + call.rows <= Self.rowsOfTransaction {
            calls.append(self.life.removeFirst())
            rows += call.rows
        }
        var hasPush = false
        while let call = self.pushes.first, !hasPush || rows + call.rows <= Self.rowsOfTransaction {
            if !calls.isEmpty, call.rows > Self.rowsOfTransaction {
                self.isLargePushDue = !hasPush
                break
            }
            calls.append(self.pushes.removeFirst())
            rows += call.rows
            hasPush = true
        }
        return calls
    }

    /// From now on there is a thread.
    mutating func open() {
        self.isOpen = true
    }

    /// Takes nothing any more; what waits is still done.
    mutating func close() {
        self.isClosed = true
    }
}
