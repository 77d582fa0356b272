internal import NIOCore

/// Commands that go out in one write, and the caller who waits for all their replies.
struct Request: Sendable {
    /// What a request ends with: as many replies as it has commands, or an error.
    typealias Outcome = Result<[RESPValue], RedisError>

    /// At least one.
    let commands: [RedisCommand]
    /// After this the caller gets a timeout.
    let deadline: NIODeadline
    private let continuation: CheckedContinuation<Outcome, Never>

    init(_ commands: [RedisCommand], deadline: NIODeadline, continuation: CheckedContinuation<Outcome, Never>) {
        self.commands = commands
        self.deadline = deadline
        self.continuation = continuation
    }

    /// The name that errors show.
    var name: String? { self.commands.first?.name }

    /// Gives the caller its replies. Called once, as every end of a request is.
    func succeed(_ replies: [RESPValue]) {
        self.continuation.resume(returning: .success(replies))
    }

    /// Gives the caller an error.
    ///
    /// - Parameter mayHaveRun: whether the commands were handed to the network.
    func fail(_ error: RedisError, mayHaveRun: Bool) {
        self.continuation.resume(returning: .failure(error.about(self.name, mayHaveRun: mayHaveRun)))
    }

    /// Gives the caller a timeout.
    func failByTimeout(endpoint: String, mayHaveRun: Bool) {
        self.fail(RedisError(.timeout, "no reply before the deadline", endpoint: endpoint), mayHaveRun: mayHaveRun)
    }
}

extension Request {
    /// Suspends the caller until the request that `start` sends off has ended. The caller's cancellation changes nothing:
    /// what has been sent may have run, and its answer must not be lost.
    static func perform(
        _ commands: [RedisCommand],
        deadline: NIODeadline,
        start: (Request) -> Void
    ) async throws(RedisError) -> [RESPValue] {
        guard !commands.isEmpty else { return [] }
        for command in commands where command.isTooLarge {
            let limit = RedisCommand.maximumBytes
            throw RedisError(.commandTooLarge, "more than \(limit) bytes of arguments", command: command.name)
        }
        return try await withCheckedContinuation { continuation in
            start(Request(commands, deadline: deadline, continuation: continuation))
        }.get()
    }
}

extension EventLoop {
    /// The time `duration` from now by the loop's clock; a negative duration is now, a huge one is the end of time.
    func deadline(after duration: Duration) -> NIODeadline {
        guard duration > .zero else { return self.now }
        guard duration < .longest else { return .distantFuture }
        return self.now + TimeAmount(duration)
    }
}

extension Duration {
    /// What counts as for ever: 68 years, which no clock overflows by.
    static let longest: Duration = .seconds(Int64(Int32.max))
}
