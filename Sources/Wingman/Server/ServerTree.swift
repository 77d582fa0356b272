import Logging
import ServiceLifecycle
import Supervision
import Synchronization

/// temporary
final class ServerTree: Sendable {
    let parts: ServerParts
    let groups = Mutex<[(String, ServiceGroup, Task<Void, any Error>)]>([])
    let services = Mutex<[String: any Service]>([:])
    let (stream, continuation) = AsyncStream<Void>.makeStream()

    init(_ parts: ServerParts) throws {
        self.parts = parts
        parts.directory.set { [weak self] name in self?.services.withLock { $0[name] } }
    }
    var text: String { "tree" }
    var json: String { "{}" }

    func start(_ name: String, _ service: any Service, _ executor: (any TaskExecutor)?) {
        let group = ServiceGroup(configuration: .init(services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)], logger: parts.logger))
        let task = Task.detached(executorPreference: executor) { try await group.run() }
        groups.withLock { $0.append((name, group, task)) }
        services.withLock { $0[name] = service }
    }

    func run() async throws {
        start("heartbeat", parts.heartbeat, parts.time.executor)
        for s in parts.assembly.appServices { start(s.name, try await s.make(parts.environment), nil) }
        start("poller", parts.poller, parts.core)
        start("rescuer", parts.rescuer, parts.core)
        for c in parts.capsules { start("capsule:" + c.configuration.name, c, parts.core) }
        if parts.configuration.stopsWhenEmpty {
            start("until-empty", EmptyWatch(queues: Set(parts.configuration.capsules.flatMap { $0.queues.map(\.name) }), store: parts.store, life: parts.life, time: parts.time, logger: parts.logger, stop: { [parts] in parts.server.server?.stop() }), parts.core)
        }
        for s in parts.assembly.pluginServices { start(s.service.name, try await s.service.make(parts.environment), nil) }
        for await _ in stream { break }
        for (_, group, task) in groups.withLock({ $0.reversed() }) {
            await group.triggerGracefulShutdown()
            _ = try? await task.value
        }
        await parts.store.close()
    }
    func quiet() {}
    func stop() { continuation.yield(); continuation.finish() }
}
