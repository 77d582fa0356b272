import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an operator asks the processes of an orchestrator, by way of the store.
struct ControlDesk: Sendable {
    let store: any Store
    let names: OrchestratorNames
    /// What lists of answers begin with.
    var replyPrefix = "replies:"

    /// What a process said.
    struct Answer: Sendable, Equatable {
        let process: String
        /// As it came, for programs.
        let json: [UInt8]
        /// The body's JSON; nil if the process refused.
        let body: [UInt8]?
        /// Why it refused.
        let failure: String?
    }

    /// What all of them said, and who did not.
    struct Answers: Sendable, Equatable {
        var given: [Answer] = []
        var missing: [String] = []
    }

    /// The processes that listen, or those whose names begin in one of these ways.
    ///
    /// - Throws: ``DeskError`` if there is none of such a name.
    func processes(_ names: [String] = []) async throws -> [ProcessID] {
        let listening = Fleet(try await self.store.processes(), of: self.names.list).processes
        guard !names.isEmpty else { return listening.sorted { $0.rawValue < $1.rawValue } }
        var meant: Set<ProcessID> = []
        for name in names {
            let matches = listening.filter { $0.rawValue.hasPrefix(name) }
            guard !matches.isEmpty else {
                throw DeskError(
                    "no process with an orchestrator begins with \(name); `processes` lists all. Nothing was sent"
                )
            }
            meant.formUnion(matches)
        }
        return meant.sorted { $0.rawValue < $1.rawValue }
    }

    /// Asks `processes`, and waits until all have answered.
    func ask(
        _ command: ControlRequest.Command,
        client: String? = nil,
        id: String? = nil,
        of processes: [ProcessID],
        within limit: Duration
    ) async throws -> Answers {
        guard !processes.isEmpty else { return Answers() }
        let replies = "\(self.replyPrefix)\(UUID().uuidString.lowercased())"
        let request = try ControlRequest(command, client: client, id: id, replyTo: replies).bytes()
        // A process that ended meanwhile leaves nothing behind.
        _ = try await self.store.apply(
            Change(
                processes.map { process in
                    .append(
                        list: self.names.control(process.rawValue),
                        payload: request,
                        expiry: Self.requestExpiry
                    )
                }
            )
        )
        return try await self.collect(from: replies, of: processes, within: limit)
    }

    private static let requestExpiry = Duration.seconds(60)

    private func collect(from list: String, of processes: [ProcessID], within limit: Duration) async throws -> Answers {
        let clock = ContinuousClock()
        let end = clock.now + limit
        var answers = Answers()
        var waiting = Set(processes.map(\.rawValue))
        while !waiting.isEmpty {
            let rest = end - clock.now
            guard rest > .zero, let bytes = try await self.store.receive(from: list, timeout: rest) else { break }
            guard let answer = Answer(bytes), waiting.remove(answer.process) != nil else { continue }
            answers.given.append(answer)
        }
        answers.given.sort { $0.process < $1.process }
        answers.missing = waiting.sorted()
        return answers
    }

    /// Pauses a client, or lets it go on: in the store, and in the processes that run, as far as they answer.
    func setPaused(_ isPaused: Bool, client: String, within limit: Duration) async throws -> Answers {
        guard !client.isEmpty else { throw DeskError("name the client to be \(isPaused ? "paused" : "resumed")") }
        _ = try await self.store.apply(Pausing.change(isPaused, client: client, keys: self.names.keys))
        return try await self.ask(
            isPaused ? .pause : .resume,
            client: client,
            of: try await self.processes(),
            within: limit
        )
    }
}

extension ControlDesk.Answer {
    /// Reads an answer; nil if it is none. It comes from outside.
    init?(_ bytes: [UInt8]) {
        guard let view = try? JSONObjectView(bytes), let process = view.string("process") else { return nil }
        self.process = process
        self.json = bytes
        guard view.string("status") == "ok", let body = view.value(of: "body") else {
            let error = view.value(of: "error").flatMap { try? JSONObjectView(Array($0)) }
            self.body = nil
            self.failure = error?.string("message") ?? "it does not say why"
            return
        }
        self.body = Array(body)
        self.failure = nil
    }

    /// The body as a value; nil if it is none.
    func decoded<Body: Decodable>(_ type: Body.Type) -> Body? {
        self.body.flatMap { try? JSONDecoder().decode(type, from: Data($0)) }
    }
}

/// What cannot be done at the desk, and why. Nothing was changed, unless it says so.
struct DeskError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
