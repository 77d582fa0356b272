internal import NIOCore

/// The first commands of a connection: AUTH, SELECT, CLIENT SETNAME, CLIENT ID; all in one write.
struct Handshake {
    private let configuration: RedisConfiguration

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
    }

    /// - Returns: the connection's number on the server, if the user may know it.
    /// - Throws: ``RedisError`` when the server refuses.
    func run(over link: RedisLink, deadline: NIODeadline) async throws(RedisError) -> Int? {
        let steps = self.steps
        let commands = steps.map(\.command)
        let replies = try await Request.perform(commands, deadline: deadline) { link.submit($0) }
        for (step, reply) in zip(steps, replies) {
            guard let error = reply.error, step.isNeeded || Self.concernsEverything(error) else { continue }
            throw self.refusal(error, of: step.command.name)
        }
        return replies.last?.integer
    }

    private var steps: [(command: RedisCommand, isNeeded: Bool)] {
        var steps: [(command: RedisCommand, isNeeded: Bool)] = []
        if let credentials = self.configuration.credentials {
            var command = RedisCommand("AUTH")
            if let user = credentials.user { command.append(user) }
            command.append(credentials.password)
            steps.append((command, true))
        }
        if self.configuration.database != 0 {
            var command = RedisCommand("SELECT")
            command.append(self.configuration.database)
            steps.append((command, true))
        }
        // Conveniences, which an ACL may forbid. The last one always goes: it proves that TLS and the server answer.
        if let name = self.configuration.clientName { steps.append((RedisCommand("CLIENT", "SETNAME", name), false)) }
        steps.append((RedisCommand("CLIENT", "ID"), false))
        return steps
    }

    private static func concernsEverything(_ error: RedisServerError) -> Bool {
        error.code == "NOAUTH" || error.code == "DENIED" || error.message.contains("max number of clients")
    }

    private func refusal(_ error: RedisServerError, of command: String) -> RedisError {
        let shown = error.redacting(self.configuration.credentials?.password ?? "")
        let endpoint = self.configuration.endpoint.description
        return RedisError(
            .connectionFailed,
            "\(command) was refused: \(shown.message)",
            endpoint: endpoint,
            cause: shown
        )
    }
}
