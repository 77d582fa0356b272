/// The ids of schedules by the time they are due, the earliest first: a binary heap.
///
/// A schedule that gets another time is added anew; its older entry is passed over when it comes up.
struct DueHeap: Sendable {
    private struct Item: Sendable {
        let due: Int
        let id: String
    }

    private var items: [Item] = []
    private var times: [String: Int] = [:]

    /// When the first is due, in milliseconds since 1970.
    var nextDue: Int? {
        mutating get {
            self.dropStale()
            return self.items.first?.due
        }
    }

    /// How many schedules are in it.
    var count: Int { self.times.count }

    /// Gives a schedule its time; nil takes it out.
    mutating func set(_ id: String, due: Int?) {
        guard self.times[id] != due else { return }
        self.times[id] = due
        guard let due else { return }
        self.items.append(Item(due: due, id: id))
        self.siftUp(self.items.count - 1)
    }

    /// Takes out those that are due at `now`, the earliest first, at most `limit`.
    mutating func takeDue(at now: Int, limit: Int) -> [String] {
        var taken: [String] = []
        while taken.count < limit, let due = self.nextDue, due <= now {
            let item = self.removeFirst()
            self.times[item.id] = nil
            taken.append(item.id)
        }
        return taken
    }

    private mutating func dropStale() {
        while let first = self.items.first, self.times[first.id] != first.due { _ = self.removeFirst() }
    }

    private mutating func removeFirst() -> Item {
        self.items.swapAt(0, self.items.count - 1)
        let first = self.items.removeLast()
        if !self.items.isEmpty { self.siftDown() }
        return first
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0, self.items[child].due < self.items[(child - 1) / 2].due {
            self.items.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < self.items.count else { return }
            let right = left + 1
            let child = right < self.items.count && self.items[right].due < self.items[left].due ? right : left
            guard self.items[child].due < self.items[parent].due else { return }
            self.items.swapAt(parent, child)
            parent = child
        }
    }
}
