import Synchronization

/// A flag and a counter that threads share; an `Atomic` itself cannot be captured by a closure that is stored.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { self.value.load(ordering: .acquiring) }

    func set() {
        self.value.store(true, ordering: .releasing)
    }
}

/// A list that tasks append to.
final class Log: Sendable {
    private let entries = Mutex<[String]>([])

    var lines: [String] { self.entries.withLock { $0 } }

    func clear() {
        self.entries.withLock { $0 = [] }
    }

    func append(_ line: String) {
        self.entries.withLock { $0.append(line) }
    }
}

/// A counter that tasks share.
final class Tally: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { self.count.load(ordering: .sequentiallyConsistent) }

    func add(_ number: Int) {
        self.count.add(number, ordering: .sequentiallyConsistent)
    }
}
