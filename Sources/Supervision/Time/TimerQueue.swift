import Synchronization

/// Timers ordered by deadline, those of equal deadline by insertion: a binary heap.
///
/// A cancelled timer stays in the heap until it comes to the top or until such timers are the majority, when all are
/// swept out: inserting and cancelling a timeout for each of a million jobs costs neither memory nor a search.
/// It is a plain value; whoever owns it does the locking.
package struct TimerQueue: Sendable {
    private struct Entry: Sendable {
        let deadline: Duration
        let sequence: UInt64
        let timer: ScheduledTimer

        static func precedes(_ left: Entry, _ right: Entry) -> Bool {
            left.deadline == right.deadline ? left.sequence < right.sequence : left.deadline < right.deadline
        }
    }

    /// How many timers in the heap are cancelled; counted by the timers themselves, from any thread.
    private final class CancelledCount: Sendable {
        let value = Atomic<Int>(0)
    }

    private static let smallestSweep = 64  // below this, dead entries cost less than looking for them

    private var heap: [Entry] = []
    private var sequence: UInt64 = 0
    private let cancelled = CancelledCount()

    package init() {}

    /// How many entries the heap holds, cancelled ones included.
    package var count: Int { self.heap.count }

    /// The earliest deadline. It may belong to a cancelled timer; waking up for that is harmless.
    package var nextDeadline: Duration? { self.heap.first?.deadline }

    /// Adds a timer due at `deadline`.
    package mutating func insert(at deadline: Duration, body: @escaping @Sendable () -> Void) -> ScheduledTimer {
        self.sweepIfWorthwhile()
        let cancelled = self.cancelled
        let timer = ScheduledTimer(
            deadline: deadline,
            onCancel: { cancelled.value.add(1, ordering: .relaxed) },
            body: body
        )
        self.sequence += 1
        self.heap.append(Entry(deadline: deadline, sequence: self.sequence, timer: timer))
        self.siftUp(from: self.heap.count - 1)
        return timer
    }

    /// Removes and returns the earliest timer that is due at `now` and not cancelled.
    package mutating func popDue(at now: Duration) -> ScheduledTimer? {
        while let first = self.heap.first, first.deadline <= now {
            self.removeFirst()
            if first.timer.isPending { return first.timer }
            self.cancelled.value.subtract(1, ordering: .relaxed)
        }
        return nil
    }

    private mutating func removeFirst() {
        self.heap.swapAt(0, self.heap.count - 1)
        self.heap.removeLast()
        self.siftDown(from: 0)
    }

    private mutating func sweepIfWorthwhile() {
        let dead = self.cancelled.value.load(ordering: .relaxed)
        guard dead > Self.smallestSweep, dead * 2 > self.heap.count else { return }
        let before = self.heap.count
        self.heap.removeAll { !$0.timer.isPending }
        self.cancelled.value.subtract(before - self.heap.count, ordering: .relaxed)
        for index in stride(from: self.heap.count / 2 - 1, through: 0, by: -1) { self.siftDown(from: index) }
    }

    private mutating func siftUp(from start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard Entry.precedes(self.heap[child], self.heap[parent]) else { return }
            self.heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count {
                if Entry.precedes(self.heap[child], self.heap[smallest]) { smallest = child }
            }
            if smallest == parent { return }
            self.heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
