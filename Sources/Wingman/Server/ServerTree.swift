import ServiceLifecycle
import Supervision

/// The supervision tree of a worker process, as a list that can be read (design §5).
///
/// Core parts escalate: if one keeps failing, the process ends with the history of its errors. What the app and its
/// plugins bring is parked: it never stops jobs.
struct ServerTree {
    /// How often a core part may fail before the process gives up: none of them is meant to fail at all.
    private static let coreIntensity = Intensity(3, within: .seconds(60))
    /// A parked service gets another chance this often.
    private static let parkedRetry = Duration.seconds(60)
    /// For the first beat at start.
    private static let registrationLimit = Duration.seconds(30)
    /// For the factory of a service of the app or a plugin: whoever comes after it waits that long.
    private static let serviceStartLimit = Duration.seconds(30)

    /// The whole tree over `parts`.
    static func specification(_ parts: ServerParts) -> SupervisorSpecification {
        SupervisorSpecification("wingman", intensity: Self.coreIntensity, giveUp: .escalate) {
            ChildSpecification("store", executor: parts.core) { StoreConnections(store: parts.store) }
            ChildSpecification(
                "heartbeat",
                readiness: .signal(within: Self.registrationLimit),
                executor: parts.time.executor
            ) { parts.heartbeat }
            if !parts.assembly.appServices.isEmpty { Self.services(parts) }
            Self.jobs(parts)
            if !parts.assembly.pluginServices.isEmpty { Self.plugins(parts) }
        }
    }

    private static func jobs(_ parts: ServerParts) -> SupervisorSpecification {
        SupervisorSpecification("jobs", strategy: .restForOne, intensity: Self.coreIntensity) {
            ChildSpecification("poller", executor: parts.core) { parts.poller }
            ChildSpecification("rescuer", executor: parts.core) { parts.rescuer }
            for capsule in parts.capsules {
                ChildSpecification(
                    "capsule:\(capsule.configuration.name)",
                    stop: StopPolicy(graceful: capsule.stopBudget, cancel: .seconds(2)),
                    isExclusive: true,
                    executor: parts.core
                ) { capsule }
            }
            if parts.configuration.stopsWhenEmpty {
                ChildSpecification("until-empty", executor: parts.core) { parts.emptyWatch }
            }
        }
    }

    private static func services(_ parts: ServerParts) -> SupervisorSpecification {
        SupervisorSpecification("services", giveUp: .park(retryAfter: Self.parkedRetry)) {
            for service in parts.assembly.appServices { Self.child(service, parts) }
        }
    }

    private static func plugins(_ parts: ServerParts) -> SupervisorSpecification {
        SupervisorSpecification("plugins", giveUp: .park(retryAfter: Self.parkedRetry)) {
            for (_, service) in parts.assembly.pluginServices { Self.child(service, parts) }
        }
    }

    private static func child(_ service: ServiceDeclaration, _ parts: ServerParts) -> ChildSpecification {
        ChildSpecification(
            service.name,
            restart: service.restart,
            readiness: .factory(within: Self.serviceStartLimit),
            stop: StopPolicy(graceful: service.stopBudget),
            // One that hangs and does not hear its cancellation must not become many.
            isExclusive: true,
            executor: service.executor
        ) { try await service.make(parts.environment) }
    }
}

/// The store's connections as a child: the first to start, so the last to stop.
struct StoreConnections: Service {
    let store: any Store

    func run() async throws {
        await untilStopped()
        await self.store.close()
    }
}
