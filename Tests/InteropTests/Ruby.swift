import TestSupport

/// Ruby's Sidekiq of Debian, on a test's server: each call is a real Ruby process.
struct Ruby {
    let server: RedisServer

    private var environment: [String: String] {
        ["REDIS_URL": self.server.rubyURL, "RUBYOPT": "-W0", "APP_ENV": "production"]
    }

    /// Runs a script of the folder Ruby and returns what it printed.
    @discardableResult
    func run(_ script: String, _ arguments: String..., input: String? = nil) async throws -> String {
        let path = try SourceFiles.path("Ruby/\(script)")
        return try await ChildProcess.succeed("ruby", [path] + arguments, environment: self.environment, input: input)
    }

    /// Pushes jobs by Ruby's client, each described by a line of JSON (see push.rb), and returns their jids.
    func push(_ lines: [String]) async throws -> [String] {
        let output = try await self.run("push.rb", input: lines.joined(separator: "\n") + "\n")
        return output.split(separator: "\n").map(String.init)
    }

    /// What Sidekiq's API sees: see inspect.rb.
    func inspect() async throws -> JSON {
        try JSON(parsing: try await self.run("inspect.rb"))
    }

    /// Looks through Sidekiq's API until it sees what is waited for, and returns all it saw then.
    @discardableResult
    func sees(_ what: String, until condition: (JSON) throws -> Bool) async throws -> JSON {
        try await eventually("Ruby's API to see \(what)", observe: self.inspect, until: condition)
    }

    /// Starts Sidekiq itself as a worker, with the jobs of jobs.rb.
    func startWorker(queue: String = "default") async throws -> ChildProcess {
        let words = ["-e", "production", "-r", try SourceFiles.path("Ruby/jobs.rb"), "-c", "5", "-q", queue]
        return try await ChildProcess.start("sidekiq", words, environment: self.environment)
    }
}

/// What every interoperability test begins with: a server of its own, Ruby on it, and a file for `Record` jobs.
struct Stage {
    let server: RedisServer
    let ruby: Ruby
    let record: RecordFile

    static func with(_ body: (Stage) async throws -> Void) async throws {
        try await RedisServer.with { server in
            let record = RecordFile(in: server.directory)
            try await body(Stage(server: server, ruby: Ruby(server: server), record: record))
        }
    }
}
