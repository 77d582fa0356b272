import Logging
import ServiceLifecycle
import Supervision
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Answers what operators ask this process, one after the other.
///
/// It runs on a thread of its own and waits on a connection of its own, so that it answers while every lane is jammed and
/// jobs compute on every core. It goes on in a quiet process, and ends with it.
struct ControlService: Service {
    /// What the tree and the beats call it. By this others know which list a process has.
    static func name(of list: String) -> String {
        list == OrchestratorKeys.defaultList ? "orchestrator-control" : "orchestrator-control:\(list)"
    }

    let environment: ServiceEnvironment
    let lanes: any ControlledLanes
    let names: OrchestratorNames
    let replyPrefixes: [String]

    /// Also how long a process that lost its lease goes on listening under its old identity.
    private static let longestWait = Duration.seconds(5)
    /// Nobody waits for an answer any longer.
    private static let answerExpiry = Duration.seconds(60)

    /// Runs until the process stops. Trouble with the store is waited out.
    func run() async throws {
        await cancelledWhenStopped { await self.loop() }
    }

    private func loop() async {
        var outage = Outage(what: "wait for control requests", logger: self.environment.logger)
        while !Task.isCancelled, let process = self.environment.process {
            do {
                let list = self.names.control(process.rawValue)
                let bytes = try await self.environment.receive(from: list, timeout: Self.longestWait)
                if let bytes { try await self.answer(bytes, as: process) }
                outage.end(at: self.environment.time.now)
            } catch {
                guard !Task.isCancelled else { return }
                try? await self.environment.time.sleep(for: outage.failed(error, at: self.environment.time.now))
            }
        }
    }

    private func answer(_ bytes: [UInt8], as process: ProcessID) async throws {
        let request = Result { () throws(ControlFault) in
            try ControlRequest.parse(bytes, replyPrefixes: self.replyPrefixes)
        }
        switch request {
        case .success(let request):
            try await self.send(try await self.carryOut(request, as: process), to: request.replyTo)
        case .failure(let fault):
            self.environment.logger.warning("control request refused", metadata: ["error": "\(fault.message)"])
            guard let list = fault.replyTo else { return }
            try await self.send(
                try ControlAnswer.bytes(failure: "bad_request", fault.message, from: process),
                to: list
            )
        }
    }

    /// If we die before this, what was asked for is done and nobody hears of it: each request may be made again.
    private func send(_ answer: [UInt8], to list: String) async throws {
        _ = try await self.environment.keys.apply(
            Change([.append(list: list, payload: answer, expiry: Self.answerExpiry)])
        )
    }

    // MARK: Commands

    private func carryOut(_ request: ControlRequest, as process: ProcessID) async throws -> [UInt8] {
        switch request.command {
        case .ping:
            let pid = Int(ProcessInfo.processInfo.processIdentifier)
            return try ControlAnswer.bytes(PingBody(pid: pid, isQuiet: self.environment.isQuiet), from: process)
        case .stats:
            let body = self.lanes.statistics(isQuiet: self.environment.isQuiet)
            return try ControlAnswer.bytes(body, from: process)
        case .tree:
            return try ControlAnswer.bytes(self.environment.tree, from: process)
        case .quiet:
            self.environment.quietProcess()
            return try ControlAnswer.bytes(DoneBody(done: "quiet"), from: process)
        case .pause:
            try await self.setPaused(true, request.client ?? "")
            return try ControlAnswer.bytes(DoneBody(done: "paused", client: request.client), from: process)
        case .resume:
            try await self.setPaused(false, request.client ?? "")
            return try ControlAnswer.bytes(DoneBody(done: "resumed", client: request.client), from: process)
        case .cancel:
            let id = request.id ?? ""
            return try ControlAnswer.bytes(CancelBody(id: id, found: self.lanes.cancel(id: id)), from: process)
        }
    }

    /// The store is told first, since processes to come read it there; those that run do so within seconds, and this one at
    /// once.
    private func setPaused(_ isPaused: Bool, _ client: String) async throws {
        _ = try await self.environment.keys.apply(Pausing.change(isPaused, client: client, keys: self.names.keys))
        self.lanes.setPaused(isPaused, client: client)
    }
}
