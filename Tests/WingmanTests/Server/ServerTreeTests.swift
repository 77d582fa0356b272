import Supervision
import TestSupport
import Testing

@testable import Wingman

private struct Sleeper: Wingman.Service {
    func run() async throws { await untilStopped() }
}

/// A plugin with a service that reads an inbox.
private struct Reading: Plugin {
    let name = "reading"
    func configure(_ host: inout PluginHost) throws {
        host.add(ServiceDeclaration("reader", stopBudget: patience) { ReadingService(environment: $0) })
    }
}

private struct Whole: WingmanApp {
    var jobs: JobList { Nothing.self }
    var services: ServiceList { Supervise("mailer", stopBudget: patience) { Sleeper() } }
    var plugins: PluginList { Reading() }
}

private struct Hanging: WingmanApp {
    var jobs: JobList { Nothing.self }
    var services: ServiceList {
        Supervise("hanging") {
            await never.reach(1)
            return Sleeper()
        }
    }
}

private struct Colliding: WingmanApp {
    var jobs: JobList { Nothing.self }
    var services: ServiceList { Supervise("poller") { Sleeper() } }
}

/// Reached by nobody.
private let never = Counter64()

/// A store whose queue is a script, and what a server is made of over it.
private struct TreeFixture {
    let store = ScriptedStore()
    let queue: QueueScript

    init(_ jobs: Int) {
        let queue = QueueScript((0..<jobs).map { #"{"class":"Nothing","args":[],"jid":"\#($0)"}"# })
        self.queue = queue
        self.store.with { state in
            state.onStep = { queue.reply(to: $0) }
            state.onBeat = { queue.reply(to: $0) }
        }
    }

    func server(_ app: some WingmanApp = Whole(), time: any Timekeeper = TimerThread.shared) async throws -> Server {
        try await Server(
            try Assembly(app, mode: .server, logger: quietLogger),
            store: self.store,
            configuration: ServerConfiguration(stopTimeout: .seconds(5), handlesSignals: false),
            logger: quietLogger,
            time: time
        )
    }

    func parts(time: any Timekeeper = TimerThread.shared) throws -> ServerParts {
        ServerParts(
            try Assembly(Whole(), mode: .server, logger: quietLogger),
            store: self.store,
            configuration: ServerConfiguration(stopTimeout: .seconds(5), handlesSignals: false),
            values: SharedValues(),
            logger: quietLogger,
            time: time
        )
    }
}

@Suite("The server's tree", .serialized, .timeLimit(.minutes(3)))
struct ServerTreeTests {
    @Test("A whole server, started and stopped from ten tasks fifty times, leaves nothing running and nothing held")
    func wholeServer() async throws {
        for round in 0..<50 {
            let fixture = TreeFixture(20)
            let server = try await fixture.server()
            async let run: Void = server.run()
            // Sometimes in the middle of the start, sometimes in the middle of the work.
            try await eventually("\(round) jobs are done") { fixture.queue.ended.count >= min(round / 2, 20) }
            await withDiscardingTaskGroup { group in
                for task in 0..<10 { group.addTask { await Self.disturb(server, fixture, task + round, round) } }
            }
            server.beginStop()
            try await run
            #expect(fixture.queue.held == 0)
            #expect(fixture.queue.ended.count + fixture.queue.queue.count == 20)
            #expect(fixture.store.with { $0.left.count == 1 || $0.beats.isEmpty })
            #expect(fixture.store.with { $0.hasClosed })
            #expect(server.tree.unstopped.isEmpty)
            #expect(server.treeSnapshot.children.allSatisfy { $0.state == .finished })
        }
    }

    private static func disturb(_ server: Server, _ fixture: TreeFixture, _ step: Int, _ round: Int) async {
        switch step % 7 {
        case 0: if round.isMultiple(of: 3) { server.beginStop() }
        case 1: if round.isMultiple(of: 2) { server.quiet() }
        case 2: try? await server.tree.restart("plugins/reader")
        case 3: try? await server.tree.restart("jobs/poller")
        case 4: try? await server.tree.restart("services/mailer")
        case 5: fixture.store.signal()
        default: _ = server.treeSnapshot.text
        }
    }

    enum Part: CaseIterable {
        case poller, rescuer, heartbeat, untilEmpty, inbox, store
    }

    @Test(
        "Each part of it, started and stopped from ten tasks fifty times, leaves nothing running",
        arguments: Part.allCases
    )
    func eachPart(_ part: Part) async throws {
        let unclean = try await startStopStress {
            let parts = try TreeFixture(3).parts()
            if part != .heartbeat { parts.life.confirmCandidate(at: TimerThread.shared.now, lease: .seconds(60)) }
            return try Supervisor(
                SupervisorSpecification("root", giveUp: .park(retryAfter: .seconds(60))) {
                    ChildSpecification("\(part)", stop: patientStop, executor: parts.core) { Self.service(part, parts) }
                },
                logger: quietLogger
            )
        }
        #expect(unclean.isEmpty, "\(unclean.first ?? "")")
    }

    private static func service(_ part: Part, _ parts: ServerParts) -> any Wingman.Service {
        switch part {
        case .poller: parts.poller
        case .rescuer: parts.rescuer
        case .heartbeat: parts.heartbeat
        case .untilEmpty: parts.emptyWatch
        case .inbox: ReadingService(environment: parts.environment)
        case .store: StoreConnections(store: parts.store)
        }
    }

    /// Runs a tree until it gives up.
    private static func end(of root: Supervisor, _ time: ManualTime) async -> (any Error)? {
        let run = Task(executorPreference: time.executor) { try await root.run() }
        await Self.pass(time, until: run)
        guard case .failure(let error) = await run.result else { return nil }
        return error
    }

    /// Lets the clock run until the task has ended.
    private static func pass(_ time: ManualTime, until run: Task<Void, any Error>) async {
        let isOver = Counter64()
        async let end: Void = {
            _ = await run.result
            isOver.add()
        }()
        // Slowly: some of the tree's parts run on threads that do not go by this clock.
        try? await eventually("the end") {
            await time.advance(by: .milliseconds(100))
            return isOver.count > 0
        }
        await end
    }

    @Test("A processor that cannot be started ends the tree, in order, with the history of its errors")
    func deadProcessor() async throws {
        let time = ManualTime()
        let fixture = TreeFixture(0)
        let parts = try fixture.parts(time: time)
        let starts = Counter64()
        let specification = ServerTree.specification(parts).replacing("capsule:default") {
            ChildSpecification("capsule:default", executor: time.executor) {
                starts.add()
                throw Breakage()
            }
        }
        let root = try Supervisor(specification, time: time, registry: parts.registry, logger: quietLogger)
        let error = try #require(await Self.end(of: root, time) as? SupervisionError)
        #expect(error.code == .startFailed)
        #expect(error.path == "wingman")
        #expect("\(error)".contains("wingman/jobs/capsule:default (incarnation 1) could not start: it broke"))
        #expect(fixture.store.with { $0.left.count } == 1, "the process has left its store in order")
        #expect(fixture.store.with { $0.hasClosed })
    }

    @Test("A processor that dies later is started again, and ends the tree when it is too often")
    func dyingProcessor() async throws {
        let time = ManualTime()
        let fixture = TreeFixture(0)
        let parts = try fixture.parts(time: time)
        let starts = Counter64()
        let specification = ServerTree.specification(parts).replacing("capsule:default") {
            ChildSpecification("capsule:default", executor: time.executor) { DyingService(time: time, starts: starts) }
        }
        let root = try Supervisor(specification, time: time, registry: parts.registry, logger: quietLogger)
        let error = try #require(await Self.end(of: root, time) as? SupervisionError)
        #expect(error.code == .gaveUp)
        #expect(starts.count >= 16, "three restarts of the capsule in each of four incarnations of jobs")
        #expect(error.history.count >= 4)
        for record in error.history {
            #expect("\(record)".contains("wingman/jobs (incarnation \(record.generation)) threw wingman/jobs: gave up"))
        }
        #expect("\(error)".contains("wingman/jobs/capsule:default (incarnation 4) threw it broke"))
        #expect(fixture.store.with { $0.hasClosed })
    }

    @Test("A service that hangs in its start holds jobs up no longer than its limit, and is not started beside itself")
    func hangingService() async throws {
        let time = ManualTime()
        let fixture = TreeFixture(5)
        let server = try await fixture.server(Hanging(), time: time)
        let run = Task { try await server.run() }
        try await eventually("the jobs are done") {
            await time.advance(by: .seconds(1))
            return fixture.queue.ended.count == 5
        }
        try await eventually("it is given up") {
            await time.advance(by: .seconds(1))
            return server.treeSnapshot["services/hanging"]?.state == .blocked
        }
        let hanging = server.treeSnapshot["services/hanging"]
        #expect(hanging?.abandoned == 1)
        #expect(server.treeSnapshot.health == .degraded)
        server.beginStop()
        await Self.pass(time, until: run)
        try await run.value
        #expect(server.tree.supervisor(at: "services") == nil)
    }

    @Test("A service that takes the name of a core part is a fault of the configuration, named")
    func collision() async throws {
        let error = await #expect(throws: ConfigurationError.self) { try await TreeFixture(0).server(Colliding()) }
        #expect(error?.description.contains("poller") == true)
    }
}

/// A service that runs, and dies after a while.
private struct DyingService: Wingman.Service {
    let time: ManualTime
    let starts: Counter64

    func run() async throws {
        self.starts.add()
        try await self.time.sleep(for: .milliseconds(100))
        throw Breakage()
    }
}

extension SupervisorSpecification {
    /// The same tree with another child in the place of the one of that name.
    fileprivate func replacing(_ name: String, with child: () -> ChildSpecification) -> Self {
        var copy = self
        copy.children = self.children.map { old in
            if old.name == name { return child() }
            guard let inner = old.supervisor else { return old }
            return ChildSpecification(inner.replacing(name, with: child))
        }
        return copy
    }
}
