import ServiceLifecycle
import Supervision
import Wingman
import WingmanRemoteOrchestrator

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Handlers of every kind, for tests that kill and freeze: in the worker with `WINGMAN_LOAD_INBOUND=1`.
enum InboundServices {
    /// As they are supervised: two lanes in order, one that is wide, one by key, and the ill ones.
    @ServiceListBuilder static var all: ServiceList {
        Supervise("ledger") { Ledger() }
        Supervise("ledger-2") { Ledger() }
        Supervise("crowd") { Ledger(lanes: .concurrent(8)) }
        Supervise("keyed") { Ledger(lanes: .byKey(4)) }
        Supervise("aside") { Ledger(whenOrdered: .setAside) }
        Supervise("adder") { Adder() }
        Supervise("hanging") { HangingHandler() }
        Supervise("trap") { TrapHandler() }
        Supervise("fragile") { FragileHandler() }
    }
}

/// Writes a line for each message that it handles, and fails, waits or dies before as the message wants.
struct Ledger: InboundHandler {
    struct Entry: Decodable {
        /// The file; nil writes nothing.
        var path: String?
        var line: String?
        /// How long to wait before.
        var milliseconds: Int?
        /// A file to wait for before.
        var gate: String?
        /// How many attempts fail first.
        var failures: Int?
        /// Ends the process `before` or `after` the line is written, unless the message comes again; or `always`, before.
        var death: String?
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    var lanes = InboundLanes.ordered
    var whenOrdered = InboundRetry.WhenOrdered.block

    /// Quick, so that tests see several attempts.
    var retry: InboundRetry {
        InboundRetry(
            attempts: 5,
            firstDelay: .milliseconds(50),
            longestDelay: .milliseconds(200),
            whenOrdered: self.whenOrdered
        )
    }

    func run() async throws {
        await untilStopped()
    }

    /// Replies the number of the attempt.
    func handle(_ entry: Entry, context: InboundContext) async throws -> Int {
        if let milliseconds = entry.milliseconds { try await Task.sleep(for: .milliseconds(milliseconds)) }
        if let gate = entry.gate {
            while !FileManager.default.fileExists(atPath: gate) { try await Task.sleep(for: .milliseconds(10)) }
        }
        if let failures = entry.failures, context.attempt <= failures {
            throw Failure(description: "attempt \(context.attempt) fails, as was asked for")
        }
        if entry.death == "always" { Self.die() }
        if entry.death == "before", !context.isRedelivered { Self.die() }
        if let path = entry.path, let line = entry.line { try LineFile(path: path).append(line) }
        if entry.death == "after", !context.isRedelivered { Self.die() }
        return context.attempt
    }

    /// As `kill -9` from outside, at a moment that nobody outside can meet.
    private static func die() {
        kill(getpid(), SIGKILL)
    }
}

/// The plainest handler that replies.
struct Adder: InboundHandler {
    struct Terms: Decodable {
        var a: Int
        var b: Int
    }

    struct Sum: Encodable {
        var sum: Int
    }

    func run() async throws {
        await untilStopped()
    }

    func handle(_ terms: Terms, context: InboundContext) async throws -> Sum {
        let (sum, overflows) = terms.a.addingReportingOverflow(terms.b)
        guard !overflows else { throw InboundFailure.dead("the sum is too large") }
        return Sum(sum: sum)
    }
}

/// Never returns, but for its cancellation.
struct HangingHandler: InboundHandler {
    struct Nothing: Decodable {}

    func run() async throws {
        await untilStopped()
    }

    func handle(_ nothing: Nothing, context: InboundContext) async throws -> NoReply {
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }
}

/// Ends the process by a trap.
struct TrapHandler: InboundHandler {
    struct Note: Decodable {
        /// Where it writes a line before.
        var path: String
    }

    func run() async throws {
        await untilStopped()
    }

    func handle(_ note: Note, context: InboundContext) async throws -> NoReply {
        try LineFile(path: note.path).append(context.id)
        // A trap is what this handler is for.
        fatalError("the handler trap traps")
    }
}

/// Writes which incarnation of it had a message, and fails as a service when one tells it to.
final class FragileHandler: InboundHandler {
    struct Entry: Decodable {
        /// The file.
        var path: String
        var line: String
        /// Whether the service is to fail after the message.
        var isLast: Bool?
    }

    /// Bound where it is made, too; messages may come before `run()` has begun.
    private let generation = Incarnation.current?.generation ?? 0
    private let end = AsyncStream.makeStream(of: Void.self)

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await untilStopped() }
            group.addTask {
                for await _ in self.end.stream { throw Ledger.Failure(description: "a message ended the service") }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Replies the number of the incarnation.
    func handle(_ entry: Entry, context: InboundContext) async throws -> UInt64 {
        try LineFile(path: entry.path).append("\(entry.line) of \(self.generation)")
        if entry.isLast == true { self.end.continuation.yield() }
        return self.generation
    }
}
