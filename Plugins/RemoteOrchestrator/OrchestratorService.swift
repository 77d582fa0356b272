import ServiceLifecycle
import Supervision
import Wingman

/// The always-on loops of the orchestrator, in every process: one that keeps roles, one that routes where this process has
/// that role, and one for each client.
///
/// They run on a thread of their own, so that computing jobs delay neither a quiet nor a stop; handlers run on the
/// cooperative pool.
struct OrchestratorService: Quieting {
    let workshop: Workshop

    init(_ workshop: Workshop) {
        self.workshop = workshop
    }

    /// From one look at which clients are paused to the next.
    private static let pauseInterval = Duration.seconds(2)

    /// Nothing more is taken. What runs goes on, what was claimed goes back, and others take the roles over.
    func quiet() async {
        self.workshop.closing.close()
    }

    /// Runs until the process stops. In a quiet process it brings to an end what it has.
    func run() async throws {
        let closing = self.workshop.closing
        let environment = self.workshop.environment
        self.workshop.board.begin(list: self.workshop.options.list, services: environment.services)
        if environment.isQuiet { closing.close() }
        let lanes = environment.services.names.sorted().map { LaneLoop(client: $0, workshop: self.workshop) }
        let bells = lanes.reduce(into: [:]) { $0[$1.client] = $1.bell }
        let router = RouterLoop(workshop: self.workshop) { bells[$0]?.ring() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await self.readPaused()
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { try await self.workshop.roles.run() }
                    group.addTask { try await router.run() }
                    group.addTask { try await self.followPaused() }
                    for lane in lanes { group.addTask { try await lane.run() } }
                }
            } onGracefulShutdown: {
                closing.close()
            }
        } onCancel: {
            closing.close()
        }
        // No more messages come. Returning now would look like the end of a permanent service, which is started again.
        await untilStopped()
    }

    // MARK: Paused clients

    /// What is paused must not begin even once: before any lane does.
    private func readPaused() async throws {
        var changes: Int
        var paused: Set<String>
        repeat {
            changes = self.workshop.board.pauseChanges
            let members = try await self.workshop.persist("read paused clients", unlessClosing: true) {
                try await self.workshop.environment.keys.members(of: self.workshop.names.keys.paused.name)
            }
            guard let members else { return }
            paused = Set(members.map { String(decoding: $0, as: UTF8.self) })
        } while !self.workshop.board.setPaused(paused, readAfter: changes)
    }

    private func followPaused() async throws {
        let bell = Bell()
        let ticket = self.workshop.closing.whenClosed { bell.ring() }
        defer { self.workshop.closing.forget(ticket) }
        while !self.workshop.closing.isClosed, !Task.isCancelled {
            await bell.sleep(for: Self.pauseInterval, on: self.workshop.environment.time)
            try await self.readPaused()
        }
    }
}
