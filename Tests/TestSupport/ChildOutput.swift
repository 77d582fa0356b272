extension ChildProcess {
    /// What a process that has ended left behind.
    public struct Outcome: Sendable {
        /// How it ended.
        public var status: ExitStatus
        /// All of standard output, without the last newline.
        public var output: String
        /// All of standard error, without the last newline.
        public var error: String
    }

    /// Every line so far, of both streams in the order they were read.
    public var lines: [Line] {
        self.progress.read { progress in progress.lines }
    }

    /// Standard output so far.
    public var output: String {
        self.text(of: .output)
    }

    /// Standard error so far.
    public var error: String {
        self.text(of: .error)
    }

    /// The lines as they come, from the first; ends when both streams are closed.
    public var stream: LineSequence {
        LineSequence(progress: self.progress)
    }

    /// Runs a command to its end.
    ///
    /// - Throws: when it cannot be started or is not done by `deadline`; its exit code is for the caller to judge.
    public static func run(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        input: String? = nil,
        within deadline: Duration = patience
    ) async throws -> Outcome {
        let child = try await ChildProcess.start(
            executable,
            arguments,
            environment: environment,
            workingDirectory: workingDirectory,
            input: input
        )
        let status = try await child.waitForExit(within: deadline)
        return Outcome(status: status, output: child.output, error: child.error)
    }

    /// Runs a command that has to succeed, and returns its standard output.
    ///
    /// - Throws: `TestSupportError.process` with what it wrote when it ends otherwise than with 0.
    @discardableResult
    public static func succeed(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        input: String? = nil,
        within deadline: Duration = patience
    ) async throws -> String {
        let outcome = try await Self.run(
            executable,
            arguments,
            environment: environment,
            workingDirectory: workingDirectory,
            input: input,
            within: deadline
        )
        guard outcome.status == .exited(0) else {
            let command = ([executable] + arguments).joined(separator: " ")
            throw TestSupportError.process("\(command): \(outcome.status)\n\(outcome.output)\n\(outcome.error)")
        }
        return outcome.output
    }

    private func text(of stream: Line.Stream) -> String {
        self.lines.filter { line in line.stream == stream }.map(\.text).joined(separator: "\n")
    }

    /// A child's lines as an asynchronous sequence; each iteration begins with the first line.
    public struct LineSequence: AsyncSequence, Sendable {
        let progress: Observed<Progress>

        /// Begins with the first line.
        public func makeAsyncIterator() -> Iterator {
            Iterator(progress: self.progress)
        }

        /// Remembers how far it has come.
        public struct Iterator: AsyncIteratorProtocol {
            let progress: Observed<Progress>
            var next = 0

            /// The next line, or nil at the end of both streams or when the task is cancelled.
            public mutating func next() async -> Line? {
                while !Task.isCancelled {
                    let version = self.progress.version
                    let next = self.next
                    let (line, isOver) = self.progress.read { progress in
                        (next < progress.lines.count ? progress.lines[next] : nil, progress.openStreams == 0)
                    }
                    if let line {
                        self.next += 1
                        return line
                    }
                    if isOver { return nil }
                    await self.progress.change(after: version)
                }
                return nil
            }
        }
    }
}
