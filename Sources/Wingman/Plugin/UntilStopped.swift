import ServiceLifecycle

/// Waits until the service is told to stop, or until its task is cancelled: for services that live by being called.
///
/// ```swift
/// func run() async throws {
///     await untilStopped()
/// }
/// ```
///
/// `gracefulShutdown()` of swift-service-lifecycle does the same by way of a task on the cooperative pool, and hears
/// nothing while jobs compute there. This wakes wherever the service runs.
public func untilStopped() async {
    let (stops, continuation) = AsyncStream<Void>.makeStream()
    await withGracefulShutdownHandler {
        for await _ in stops {}
    } onGracefulShutdown: {
        continuation.finish()
    }
}

/// Runs `body` and cancels it when the service is told to stop.
///
/// `cancelWhenGracefulShutdown(_:)` of swift-service-lifecycle needs the cooperative pool to do so; this does not.
public func cancelledWhenStopped(_ body: @escaping @Sendable () async -> Void) async {
    await withDiscardingTaskGroup { group in
        group.addTask { await body() }
        await untilStopped()
        group.cancelAll()
    }
}
