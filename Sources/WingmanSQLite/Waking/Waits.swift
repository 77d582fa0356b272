internal import Supervision
internal import Wingman

/// Waiting for something to claim: woken by commits of this process, by the bell of others, and by a slow look of its own
/// in case something was added without either (by a program that is not ours).
struct Waits: Sendable {
    /// Between two looks that nobody asked for. A look is a read of some 20 µs.
    private static let slowLook = Duration.seconds(1)
    /// Where no bell is heard.
    private static let deafLook = Duration.milliseconds(50)

    let book: WaitBook
    /// Nil in memory, where there are no other processes.
    let bell: BellFile?
    let time: any Timekeeper

    /// Calls `look` at once and then whenever something may have been added, until it finds something or the time is over.
    ///
    /// - Returns: Nil if the time is over, or the process waits no more.
    func until<Found: Sendable>(
        _ timeout: Duration,
        _ sources: Set<String>,
        process: ProcessID?,
        look: () async throws(StoreError) -> Found?
    ) async throws(StoreError) -> Found? {
        let deadline = self.time.now + timeout
        guard let entry = self.book.enter(sources, process: process) else { return nil }
        defer { self.book.leave(entry) }
        while true {
            let isHeard = self.bell.map { $0.listen() } ?? true
            if let found = try await look() { return found }
            let left = deadline - self.time.now
            guard left > .zero else { return nil }
            let pause = min(left, isHeard ? Self.slowLook : Self.deafLook)
            if await entry.next(within: pause, by: self.time) == .stopped { return nil }
        }
    }
}
