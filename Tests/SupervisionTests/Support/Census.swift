import Supervision
import Synchronization

/// Knows which incarnations are still alive. The supervisor's task for an incarnation, and every task that it starts, holds
/// the incarnation as a task local: when it is gone, so are they.
final class Census: Sendable {
    private struct Entry: Sendable { weak var incarnation: Incarnation? }

    private struct State: Sendable {
        var entries: [Entry] = []
        var largest = 0
    }

    private let state = Mutex(State())

    /// Enters the incarnation of the current task.
    func enter() {
        guard let incarnation = Incarnation.current else { return }
        self.state.withLock { state in
            state.entries.append(Entry(incarnation: incarnation))
            if state.entries.count.isMultiple(of: 64) { state.entries.removeAll { $0.incarnation == nil } }
            state.largest = max(state.largest, state.entries.count { $0.incarnation != nil })
        }
    }

    /// How many of those entered are alive.
    var alive: Int { self.state.withLock { $0.entries.count { $0.incarnation != nil } } }

    /// The most that were alive at once.
    var largest: Int { self.state.withLock { $0.largest } }
}

#if canImport(Glibc)
    import Glibc
#endif

/// What this process uses, by /proc; 0 where there is none.
enum Usage {
    /// Resident memory in bytes.
    static var memory: Int {
        Self.read("/proc/self/statm").split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4_096 }
            ?? 0
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
