import Logging
import ServiceLifecycle
import Supervision
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#endif

// The code of the module's articles, as it stands there: DocumentationTests compares the two. What the examples take for
// granted comes first.

private struct Plain: Service {
    func run() async throws { try await gracefulShutdown() }
}

private typealias Heartbeater = PlainNamed
private typealias RemoteOrchestrator = PlainNamed
private typealias Poller = Plain
private typealias Rescuer = Plain
private typealias Capsule = Plain
private typealias Scheduler = Plain
private typealias Web = Plain
private typealias Cache = Plain

private struct PlainNamed: Service {
    init(every interval: Duration) {}
    init(list: String) {}
    func run() async throws { try await gracefulShutdown() }
}

private struct Connections: Service {
    static func open(_ url: String) async throws -> Connections { Connections() }
    func run() async throws {
        Incarnation.current?.ready()
        try await gracefulShutdown()
    }
}

private struct Connection {
    static func open(_ relay: String) async throws -> Connection { Connection() }
    func close() {}
}

/// Leads at once, and for ever.
private struct Office: Leadership {
    func changes() -> AsyncStream<LeadershipState> {
        AsyncStream { $0.yield(.leader(term: 1)) }
    }
}

/// The examples as functions that a test can run. Each returns when its task is cancelled.
enum DocumentationExamples {
    static func overview() async throws {
        struct Mailer: Service {
            let relay: String
            func run() async throws { try await gracefulShutdown() }
        }
        // example: Supervision
        let root = try Supervisor("wingman") {
            ChildSpecification("store") { Connections() }
            ChildSpecification("mailer", restart: .transient) { Mailer(relay: "smtp.example.org") }
        }
        try await root.run()
        // end
    }

    static func service() -> any Service {
        // example: Supervision
        struct Mailer: Service {
            let relay: String

            func run() async throws {
                let connection = try await Connection.open(self.relay)
                defer { connection.close() }
                try await gracefulShutdown()
            }
        }
        // end
        return Mailer(relay: "smtp.example.org")
    }

    static func wholeTree(_ look: (Supervisor) -> Void) async throws {
        let url = "redis://localhost"
        let lease = Office()
        // example: AWholeTree
        let time = TimerThread.shared
        let specification = SupervisorSpecification("wingman") {
            ChildSpecification("store", readiness: .signal(within: .seconds(30))) { try await Connections.open(url) }
            ChildSpecification("heartbeat", executor: time.executor) { Heartbeater(every: .seconds(3)) }
            SupervisorSpecification("jobs", strategy: .restForOne) {
                ChildSpecification("poller") { Poller() }
                ChildSpecification("rescuer", when: .leader(lease)) { Rescuer() }
                ChildSpecification("capsule:default", stop: StopPolicy(graceful: .seconds(25), cancel: .seconds(5))) {
                    Capsule()
                }
            }
            SupervisorSpecification("plugins", giveUp: .park(retryAfter: .seconds(300))) {
                ChildSpecification("scheduler", when: .leader(lease)) { Scheduler() }
                ChildSpecification("orchestrator") { RemoteOrchestrator(list: "requests") }
            }
        }
        let root = try Supervisor(specification, time: time)
        let signals = SignalWatcher([.terminate, .interrupt, .quiet]) { signal in
            if signal == .quiet { root.quiet() } else { root.stop() }
        }
        let notifier = SystemdNotifier(root)
        defer {
            notifier?.cancel()
            signals.cancel()
        }
        try await root.run()
        // end
        look(root)
    }

    static func after() -> SupervisorSpecification {
        // example: AWholeTree
        SupervisorSpecification("wingman") {
            ChildSpecification("web", after: ["store", "cache"]) { Web() }
            ChildSpecification("cache", after: ["store"]) { Cache() }
            ChildSpecification("store") { Connections() }
        }
        // end
    }

    static func fromCelluloid(_ requests: AsyncStream<Request>) async throws {
        typealias Body = String
        struct Redis {
            static let stream = Mutex<AsyncStream<Request>?>(nil)
            static func connect() async throws -> Redis { Redis() }
            func requests(from list: String) -> AsyncStream<Request> {
                Self.stream.withLock { $0 } ?? AsyncStream { $0.finish() }
            }
        }
        Redis.stream.withLock { $0 = requests }
        // example: FromCelluloid
        struct Worker: MessageService {
            let mailbox: Mailbox<Body>

            func handle(_ body: Body) async throws {
                print("processes \(body)")
            }
        }

        struct RemoteOrchestrator: Service {
            let redis: Redis
            let registry: ServiceRegistry

            func run() async throws {
                for try await request in redis.requests(from: "requests").cancelOnGracefulShutdown() {
                    try await registry.send(request.body, to: request.client)
                }
            }
        }

        let inbox = Mailbox<Body>(capacity: 100)
        let registry = ServiceRegistry()
        let specification = SupervisorSpecification("services") {
            ChildSpecification("worker") { Worker(mailbox: inbox) }.receiving(inbox)
            ChildSpecification("orchestrator") { RemoteOrchestrator(redis: try await .connect(), registry: registry) }
        }
        try await Supervisor(specification, registry: registry).run()
        // end
    }

    /// A message from the list.
    struct Request: Sendable {
        let client: String
        let body: String
    }

    static func timers(_ time: any Timekeeper) async throws {
        // example: FromCelluloid
        enum Task: Sendable {
            case greet
            case sweep
        }

        struct Janitor: MessageService {
            let mailbox: Mailbox<Task>
            let time: any Timekeeper

            func run() async throws {
                self.mailbox.send(.greet, after: .seconds(1), by: self.time)
                let sweeps = self.mailbox.send(.sweep, every: .seconds(5), by: self.time)
                defer { sweeps.cancel() }
                try await self.mailbox.serve { try await self.handle($0) }
            }

            func handle(_ task: Task) async throws {
                switch task {
                case .greet: print("at your service")
                case .sweep: print("swept")
                }
            }
        }
        // end
        try await Janitor(mailbox: Mailbox(capacity: 10), time: time).run()
    }

    static func question(_ registry: ServiceRegistry) async throws -> String {
        struct Mailer: Service {
            func run() async throws { try await gracefulShutdown() }
            func deliver(_ mail: String) async throws -> String { "delivered \(mail)" }
        }
        let root = try Supervisor(
            SupervisorSpecification("root") { ChildSpecification("mailer") { Mailer() } },
            registry: registry
        )
        let run = Task { try await root.run() }
        try await registry.await("mailer", within: patience)
        let mail = "a letter"
        // example: FromCelluloid
        let mailer = registry.reference(to: "mailer", as: Mailer.self)
        let receipt = try await mailer { try await $0.deliver(mail) }
        // end
        root.stop()
        try await run.value
        return receipt
    }

    static func events(_ root: Supervisor) async {
        // example: SeeingWhatHappens
        let events = root.events(capacity: 256)
        for await event in events {
            switch event.kind {
            case .failed(let reason): print("\(event.path) \(reason)")
            case .parked: print("\(event.path) is parked")
            default: break
            }
        }
        print("\(events.dropped) events were not read in time")
        // end
    }

    static func exitCode(_ root: Supervisor) async throws {
        // example: SeeingWhatHappens
        do {
            try await root.run()
        } catch let error as SupervisionError {
            print(error)
            exit(error.exitCode ?? 1)
        }
        // end
    }
}
