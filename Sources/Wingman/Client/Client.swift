#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Pushes jobs into a store, from a worker, a web application or a command.
///
/// A push that throws ``StoreError`` with ``StoreError/mayHaveRun`` set may have reached the store although its answer
/// was lost: pushing again can run the job twice, not pushing can lose it. The caller decides.
public struct Client: Sendable {
    let store: any Store
    let middleware: [any ClientMiddleware]

    /// A client of `store`.
    public init(store: any Store, middleware: [any ClientMiddleware] = []) {
        self.store = store
        self.middleware = middleware
    }

    /// Pushes a job to run as soon as a worker is free.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - options: Changes to the type's options for this job.
    /// - Returns: The job's ID, or nil if a middleware refused it.
    /// - Throws: ``ArgumentError`` if the type's coding does not keep its properties in order; ``StoreError``.
    @discardableResult
    public func push<J: Job>(_ job: J, options: JobOptions? = nil) async throws -> String? {
        try await self.push(job, at: nil, options: options)
    }

    /// Pushes a job to run after `delay`; zero or less is now.
    @discardableResult
    public func push<J: Job>(_ job: J, in delay: Duration, options: JobOptions? = nil) async throws -> String? {
        try await self.push(job, at: Date().addingTimeInterval(delay / .seconds(1)), options: options)
    }

    /// Pushes a job to run at `date`; a date that has passed is now.
    @discardableResult
    public func push<J: Job>(_ job: J, at date: Date?, options: JobOptions? = nil) async throws -> String? {
        let draft = try Draft(job, options: options)
        let pushed = try await self.send([draft], runAt: Self.runAt(date))
        return pushed[0]
    }

    /// Pushes a job of another program's class, by name and JSON arguments.
    ///
    /// - Parameters:
    ///   - jobClass: The `class` field.
    ///   - argumentsJSON: A JSON array.
    ///   - options: Queue, retries and the like.
    ///   - date: When to run it; nil is now.
    /// - Throws: ``PayloadError`` if the arguments are not a JSON array.
    @discardableResult
    public func push(
        class jobClass: String,
        argumentsJSON: some StringProtocol,
        options: JobOptions = JobOptions(),
        at date: Date? = nil
    ) async throws -> String? {
        let draft = try Draft(jobClass: jobClass, arguments: Array(argumentsJSON.utf8), options: options)
        return try await self.send([draft], runAt: Self.runAt(date))[0]
    }

    static func runAt(_ date: Date?) -> Double? {
        guard let seconds = date?.timeIntervalSince1970, seconds > WallClock.seconds() else { return nil }
        return seconds
    }
}
