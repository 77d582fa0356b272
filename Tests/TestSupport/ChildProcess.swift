internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// A real process that a test starts, talks to by signals, and watches by its output.
///
/// Three threads of its own stand behind each child (one waits for its end, two read), so that no cooperative thread
/// ever blocks. The child is killed when the test process ends, in whatever way.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum ExitStatus: Sendable, Equatable {
        /// It returned or called `exit` with this code.
        case exited(Int32)
        /// A signal ended it.
        case signalled(Int32)
    }

    /// A line of output and where it was written.
    public struct Line: Sendable {
        /// Standard output or standard error.
        public enum Stream: Sendable {
            case output
            case error
        }
        /// Where it came from.
        public var stream: Stream
        /// The text without its newline.
        public var text: String
    }

    struct Progress: Sendable {
        var lines: [Line] = []
        var openStreams = 2
        var status: ExitStatus?
    }

    /// The process id. It stays the child's until `waitForExit` has returned.
    public let pid: Int32
    /// The command, for messages.
    public let command: String
    let progress: Observed<Progress>

    private init(pid: pid_t, command: String, progress: Observed<Progress>) {
        self.pid = pid
        self.command = command
        self.progress = progress
    }

    /// Starts an executable, found in `PATH` when it holds no slash.
    ///
    /// - Parameters:
    ///   - environment: added to that of the test process.
    ///   - input: all of standard input; nothing when nil.
    public static func start(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        workingDirectory: String? = nil,
        input: String? = nil
    ) async throws -> ChildProcess {
        let output = try Pipe()
        let error = try Pipe()
        let request = SpawnRequest(
            executable: executable,
            arguments: arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { _, new in new },
            workingDirectory: workingDirectory,
            input: try input.map { text in try Pipe.file(holding: text) },
            output: output.writing,
            error: error.writing
        )
        let progress = Observed(Progress())
        let pid = try await Self.spawn(request, progress)
        Self.read(output.reading, as: .output, into: progress)
        Self.read(error.reading, as: .error, into: progress)
        return ChildProcess(pid: pid, command: ([executable] + arguments).joined(separator: " "), progress: progress)
    }

    /// Starts the child on the thread that then waits for its end: the child's death signal hangs on that thread.
    private static func spawn(_ request: SpawnRequest, _ progress: Observed<Progress>) async throws -> pid_t {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let spawned = Result { () throws(TestSupportError) in try request.spawn() }
                close(request.output)
                close(request.error)
                if let input = request.input { close(input) }
                continuation.resume(with: spawned.mapError { error in error })
                if case .success(let pid) = spawned { Self.awaitEnd(of: pid, progress) }
            }
        }
    }

    /// Blocks until the child is a zombie, and reaps it under the lock: so `signal` can never meet a reused pid.
    private static func awaitEnd(of pid: pid_t, _ progress: Observed<Progress>) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        progress.update { progress in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7f
            progress.status = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
        }
    }

    private static func read(_ descriptor: Int32, as stream: Line.Stream, into progress: Observed<Progress>) {
        Thread.detachNewThread {
            Pipe.readLines(from: descriptor) { text in
                progress.update { progress in progress.lines.append(Line(stream: stream, text: text)) }
            }
            progress.update { progress in progress.openStreams -= 1 }
        }
    }
}

extension ChildProcess {
    /// Whether the process has not ended yet.
    public var isRunning: Bool {
        self.progress.read { progress in progress.status == nil }
    }

    /// Sends a signal, such as `SIGTERM`. Answers false when the process has ended already.
    @discardableResult
    public func signal(_ number: Int32) -> Bool {
        self.progress.read { progress in progress.status == nil && Glibc.kill(self.pid, number) == 0 }
    }

    /// Ends the process by SIGKILL and waits until it is gone.
    public func kill9() async throws {
        self.signal(.kill)
        _ = try await self.waitForExit()
    }

    /// Waits until the process has ended and all it wrote has been read.
    ///
    /// - Throws: `TestSupportError.deadline` with the last lines of output.
    public func waitForExit(within deadline: Duration = patience) async throws -> ExitStatus {
        try await self.explaining("its end") {
            try await self.progress.wait(for: "the end of \(self.command)", within: deadline) { progress in
                progress.openStreams == 0 ? progress.status : nil
            }
        }
    }

    /// Waits for a line of output (either stream) that holds `text`, and returns it. Lines from before the call count.
    ///
    /// - Throws: `TestSupportError` when the process ends without it, or the deadline passes.
    @discardableResult
    public func waitForLine(containing text: String, within deadline: Duration = patience) async throws -> String {
        try await self.explaining("a line with “\(text)”") {
            try await self.progress.wait(for: "a line with “\(text)” of \(self.command)", within: deadline) {
                progress in
                if let line = progress.lines.first(where: { line in line.text.contains(text) }) { return line.text }
                if progress.status != nil && progress.openStreams == 0 {
                    throw TestSupportError.process("\(self.command) ended without a line with “\(text)”")
                }
                return nil
            }
        }
    }

    /// Adds the end of the child's output to a failed wait.
    private func explaining<Found: Sendable>(
        _ what: String,
        _ body: () async throws -> Found
    ) async throws -> Found {
        do {
            return try await body()
        } catch let error as TestSupportError {
            let tail = self.progress.read { progress in progress.lines.suffix(40).map(\.text) }
            throw TestSupportError.process("\(error)\n\(tail.joined(separator: "\n"))")
        }
    }
}
