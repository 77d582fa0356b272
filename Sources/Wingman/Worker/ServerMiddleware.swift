/// Wraps every execution of a job in this process, outermost first.
public protocol ServerMiddleware: Sendable {
    /// Does something around `next`, which runs the job; an error thrown here counts as the job's.
    @concurrent func perform(_ context: JobContext, next: @Sendable () async throws -> Void) async throws
}
