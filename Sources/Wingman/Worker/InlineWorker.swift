package import Logging
package import Supervision

/// Runs claimed jobs where it is called, one at a time: the test kit's worker.
///
/// Payload, types, middleware, retry rules and promotion are those of a server. It has no lease, no timeouts and no
/// statistics; who calls it claims and settles.
package struct InlineWorker: Sendable {
    /// Pushes through the plugins' client middleware.
    package let client: Client
    private let execution: Execution
    private let poller: Poller

    /// A worker for the jobs of `assembly`.
    package init(
        _ assembly: Assembly,
        store: any Store,
        values: SharedValues,
        logger: Logger,
        time: any Timekeeper
    ) {
        let client = assembly.client(store: store)
        let environment = ServiceEnvironment(
            logger: logger,
            client: client,
            services: ServiceDirectory(declared: [], registry: ServiceRegistry(time: time)),
            values: values,
            time: time,
            store: store,
            life: nil
        )
        self.client = client
        self.execution = Execution(
            registry: assembly.registry,
            middleware: assembly.serverMiddleware,
            environment: environment,
            retries: RetryRules(),
            statistics: ExecutionStatistics()
        )
        self.poller = Poller(
            store: store,
            client: client,
            life: ProcessLife(),
            time: time,
            logger: logger,
            isQuiet: { false }
        )
    }

    /// Runs one job and says what the store is to be told.
    package func run(_ claimed: Claimed) async -> Settlement {
        let outcome = await self.execution.run(self.execution.prepare(claimed)) { nil }
        return outcome.settlement(of: claimed.token)
    }

    /// What becomes of an entry whose time has come.
    package func promotion(of entry: [UInt8]) async throws -> Promotion {
        try await self.poller.promotion(of: entry)
    }
}

extension Assembly {
    /// The values the app puts there for its jobs.
    package func preparedValues() async throws -> SharedValues {
        var values = SharedValues()
        try await self.prepare(&values)
        return values
    }
}
