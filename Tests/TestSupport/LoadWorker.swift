internal import Foundation

/// A running `wingman-load`: the worker that tests feed, watch and kill from outside, as a user's processes would be.
public struct LoadWorker: Sendable {
    /// The process.
    public let child: ChildProcess
    /// Its identity, `host:pid:nonce`, as it registered itself in Redis.
    public let identity: String

    /// Starts a worker and waits until it has registered itself.
    ///
    /// - Parameters:
    ///   - queues: as `-q` takes them, such as `critical,5`.
    ///   - stopTimeout: `-t` in seconds; the worker's own default when nil.
    ///   - arguments: more words of the command line.
    ///   - environment: added to that of the test process.
    public static func start(
        on server: RedisServer,
        queues: [String] = ["default"],
        concurrency: Int = 10,
        stopTimeout: Int? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> LoadWorker {
        var words = ["run", "--store", server.url, "-c", "\(concurrency)"]
        words += queues.flatMap { queue in ["-q", queue] }
        if let stopTimeout { words += ["-t", "\(stopTimeout)"] }
        let child = try await ChildProcess.start(
            try BuiltProducts.path("wingman-load"),
            words + arguments,
            // A trap would be told by the whole stack, which takes half a minute to be looked up.
            environment: ["SWIFT_BACKTRACE": "enable=no"].merging(environment) { _, given in given }
        )
        let identity = try await Self.identity(of: child, on: server)
        return LoadWorker(child: child, identity: identity)
    }

    /// Waits until the process is in Sidekiq's `processes`, whose members hold the pid in their middle.
    private static func identity(of child: ChildProcess, on server: RedisServer) async throws -> String {
        let found = try await eventually("\(child.command) to register itself") { () -> String? in
            // Asked first: one that registers and dies between two looks has registered.
            let wasRunning = child.isRunning
            let members = try await server.cli("SMEMBERS", "processes").split(separator: "\n").map(String.init)
            if let member = members.first(where: { $0.contains(":\(child.pid):") }) { return member }
            guard wasRunning else {
                throw TestSupportError.process("\(child.command) ended:\n\(child.output)\n\(child.error)")
            }
            return nil
        } until: { identity in
            identity != nil
        }
        return found ?? ""
    }

    /// Pushes one job through the command line: `enqueue CLASS ARGS`.
    ///
    /// - Parameter arguments: the positional arguments as JSON, such as `["/tmp/x", 5]`.
    public static func enqueue(_ name: String, _ arguments: String = "[]", on server: RedisServer) async throws {
        let executable = try BuiltProducts.path("wingman-load")
        try await ChildProcess.succeed(executable, ["enqueue", "--store", server.url, name, arguments])
    }

    /// Pushes many jobs in bulk: one array of arguments a line on standard input.
    public static func enqueue(_ name: String, each arguments: [String], on server: RedisServer) async throws {
        let executable = try BuiltProducts.path("wingman-load")
        let input = arguments.joined(separator: "\n") + "\n"
        try await ChildProcess.succeed(executable, ["enqueue", "--store", server.url, name, "--stdin"], input: input)
    }

    /// Asks for a clean stop by SIGTERM and waits for the end.
    public func stop() async throws -> ChildProcess.ExitStatus {
        self.child.signal(.terminate)
        return try await self.child.waitForExit()
    }
}

/// The file that `Record` jobs append to: what really ran, however often, whatever the store says.
public struct RecordFile: Sendable {
    /// Where it is; it need not exist yet.
    public let path: String

    /// A file of this name in the directory.
    public init(_ name: String = "record", in directory: TemporaryDirectory) {
        self.path = directory.file(name)
    }

    /// All its lines, in the order they were written.
    public var lines: [String] {
        let text = (try? String(contentsOfFile: self.path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// The arguments of a `Record` job that writes `line` here after so many milliseconds.
    public func arguments(_ line: String, after milliseconds: Int? = nil) -> String {
        "[\"\(self.path)\",\"\(line)\"" + (milliseconds.map { ",\($0)" } ?? "") + "]"
    }

    /// Waits until it holds at least so many different lines.
    public func waitForLines(_ count: Int, within deadline: Duration = patience) async throws {
        try await eventually("\(count) different lines in \(self.path)", within: deadline) {
            Set(self.lines).count
        } until: { found in
            found >= count
        }
    }
}
