import Wingman
import WingmanSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One of two processes that send each other messages through a store.
struct Peer {
    private let store: SQLiteStore
    private let process: ProcessID
    private var number = 0
    private var held: [Settlement] = []

    /// Opens the store and registers with it.
    init(url: String, name: String) async throws {
        self.store = try SQLiteStore(url: url)
        try await self.store.open()
        self.process = ProcessID(rawValue: "\(name):\(getpid()):1")
        _ = try await self.store.beat(.registering(self.process))
    }

    func push(_ message: String, to queue: String) async throws {
        try await self.store.enqueue([PushedJob(queue: queue, payload: Array(message.utf8))])
    }

    /// Waits for a message, and settles the one before.
    ///
    /// - Returns: The message, when the wait ended, and when it was claimed.
    mutating func next(of queue: String) async throws -> (message: String, woken: Int, claimed: Int) {
        while true {
            let isNews = try await self.store.wait(
                for: [.queue(queue)],
                process: self.process,
                timeout: .seconds(60)
            )
            guard isNews else { continue }
            let woken = nanoseconds()
            self.number += 1
            let step = Step(
                process: self.process,
                lane: 1,
                number: self.number,
                settlements: self.held,
                claim: 1,
                sources: [.queue(queue)]
            )
            guard case .done(_, let claimed, _) = try await self.store.step(step) else {
                throw StoreError(.unexpected, "\(self.process) was fenced")
            }
            self.held = claimed.map { Settlement(token: $0.token, disposition: .done, tally: .processed) }
            guard let first = claimed.first else { continue }
            return (String(decoding: first.payload, as: UTF8.self), woken, nanoseconds())
        }
    }

    func close() async { await self.store.close() }
}

/// A clock that all processes of this machine share.
func nanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

extension Beat {
    /// The first beat of a process that nobody will find dead within the hour.
    static func registering(_ process: ProcessID) -> Beat {
        Beat(
            process: process,
            kind: .register,
            number: 1,
            lease: .seconds(3_600),
            info: "{}",
            concurrency: 1,
            isQuiet: false,
            residentKiB: 0,
            roundTripMicroseconds: 0,
            work: [],
            executions: []
        )
    }
}
