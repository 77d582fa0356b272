import Logging
import ServiceLifecycle
import Supervision
import Testing

/// Services as people write them for swift-service-lifecycle, without a thought of supervision.
private struct Ordinary: Service, CustomStringConvertible {
    let description: String
    let body: @Sendable (Log, Gate) async throws -> Void
    var log = Log()
    var isUp = Gate()

    func run() async throws {
        self.log.append("run")
        defer { self.log.append("ended") }
        do {
            try await self.body(self.log, self.isUp)
        } catch {
            self.log.append("threw \(type(of: error))")
            throw error
        }
    }

    static let all: [Ordinary] = [
        Ordinary(description: "waits by gracefulShutdown()") { log, isUp in
            isUp.open()
            try await gracefulShutdown()
            log.append("shutting down \(Task.isShuttingDownGracefully) cancelled \(Task.isCancelled)")
        },
        Ordinary(description: "has a handler") { log, isUp in
            let done = Gate()
            await withGracefulShutdownHandler {
                isUp.open()
                await done.wait()
                log.append("cancelled \(Task.isCancelled)")
            } onGracefulShutdown: {
                log.append("handler")
                done.open()
            }
        },
        Ordinary(description: "iterates with cancelOnGracefulShutdown()") { log, isUp in
            let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
            continuation.yield(1)
            for await number in stream.cancelOnGracefulShutdown() {
                log.append("element \(number)")
                isUp.open()
            }
            log.append("cancelled \(Task.isCancelled)")
        },
        Ordinary(description: "runs inside cancelWhenGracefulShutdown") { _, isUp in
            try await cancelWhenGracefulShutdown {
                isUp.open()
                try await Task.never()
            }
        },
        Ordinary(description: "registers for cancellation or shutdown in a child task") { log, isUp in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let done = Gate()
                    await withTaskCancellationOrGracefulShutdownHandler {
                        isUp.open()
                        await done.wait()
                    } onCancelOrGracefulShutdown: {
                        log.append("told")
                        done.open()
                    }
                }
            }
        },
        Ordinary(description: "is a group of services itself") { log, isUp in
            // They end side by side when they are cancelled: each has a log of its own.
            let first = Log()
            let second = Log()
            let isFirstUp = Gate()
            defer { for line in first.lines + second.lines { log.append(line) } }
            let inner = ServiceGroup(
                services: [
                    Ordinary(
                        description: "inner",
                        body: { _, _ in
                            isFirstUp.open()
                            try await gracefulShutdown()
                        },
                        log: first
                    ),
                    Ordinary(
                        description: "second",
                        body: { _, _ in
                            await isFirstUp.wait()
                            isUp.open()
                            try await gracefulShutdown()
                        },
                        log: second
                    ),
                ],
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            )
            try await inner.run()
        },
        Ordinary(description: "throws after it was told") { _, isUp in
            isUp.open()
            try await gracefulShutdown()
            throw Broken()
        },
        Ordinary(description: "waits for cancellation alone") { _, isUp in
            isUp.open()
            try await Task.never()
        },
    ]
}

@Suite("Conformance with ServiceGroup (case 55)")
struct ConformanceTests {
    private static let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// What the service did when it ran in a ServiceGroup that was told to shut down, or whose task was cancelled.
    private static func underGroup(_ service: Ordinary, cancelling: Bool) async -> [String] {
        let group = ServiceGroup(services: [service], logger: Self.silent)
        let task = Task { try await group.run() }
        await service.isUp.wait()
        if cancelling { task.cancel() } else { await group.triggerGracefulShutdown() }
        _ = await task.result
        return service.log.lines
    }

    private static func underSupervisor(_ service: Ordinary, cancelling: Bool) async throws -> [String] {
        let root = try Supervisor("root", logger: Self.silent) { ChildSpecification("service") { service } }
        let task = Task { try await root.run() }
        await service.isUp.wait()
        if cancelling { task.cancel() } else { root.stop() }
        _ = await task.result
        return service.log.lines
    }

    @Test(
        "case 55: an unchanged service does the same under a supervisor as in a ServiceGroup",
        arguments: [false, true]
    )
    func same(cancelling: Bool) async throws {
        for (index, service) in Ordinary.all.enumerated() {
            if !cancelling, service.description.hasSuffix("cancellation alone") { continue }
            if cancelling, service.description == "has a handler" { continue }  // deaf to cancellation in both
            let twin = Ordinary(description: service.description, body: service.body)
            let expected = await Self.underGroup(Self.fresh(index), cancelling: cancelling)
            let found = try await Self.underSupervisor(twin, cancelling: cancelling)
            #expect(found == expected, "\(service.description)")
            #expect(found.count >= 2)
        }
    }

    /// One with a log and a gate of its own.
    private static func fresh(_ index: Int) -> Ordinary {
        Ordinary(description: Ordinary.all[index].description, body: Ordinary.all[index].body)
    }

    @Test("case 55: a supervisor in a ServiceGroup stops its children in reverse when the group shuts down")
    func supervisorAsService() async throws {
        let log = Log()
        let isUp = Gate()
        func child(_ name: String) -> ChildSpecification {
            ChildSpecification(name) {
                Ordinary(description: name) { _, _ in
                    if name == "c" { isUp.open() }
                    try await gracefulShutdown()
                    log.append(name)
                }
            }
        }
        let root = try Supervisor("root", logger: Self.silent) {
            child("a")
            SupervisorSpecification("inner") {
                child("b")
                child("c")
            }
        }
        let group = ServiceGroup(services: [root], logger: Self.silent)
        let task = Task { try await group.run() }
        await isUp.wait()
        await group.triggerGracefulShutdown()
        try await task.value
        #expect(log.lines == ["c", "b", "a"])
    }

    @Test("a service finds its logger with its path, and itself, in its task and in the tasks it starts")
    func taskLocals() async throws {
        let log = Log()
        let root = try Supervisor("root", logger: Self.silent) {
            ChildSpecification("a", restart: .temporary) {
                Ordinary(description: "a") { _, _ in
                    await Task {
                        log.append("\(Logger.current[metadataKey: "service.name"] ?? "none")")
                        log.append(Incarnation.current.map { "\($0.path) \($0.generation)" } ?? "none")
                    }.value
                    Incarnation.current?.terminateTree(reason: "done", exitCode: 3)
                    try await gracefulShutdown()
                }
            }
        }
        let error = await #expect(throws: SupervisionError.self) { try await root.run() }
        #expect(error?.exitCode == 3)
        #expect(log.lines == ["root/a", "root/a 1"])
    }
}
