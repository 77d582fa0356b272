/// The ladder that a child is taken down: asked, then cancelled, then given up.
public struct StopPolicy: Sendable, Hashable {
    /// What is left for a child that ignores its cancellation. A Swift task cannot be killed.
    public enum LastResort: Sendable, Hashable {
        /// Leave it running, report it, and go on with its siblings.
        case abandon
        /// End the process with this code, at once and without stopping anything else.
        case exitProcess(code: Int32)
    }

    /// How long the child has to return after it was told to shut down gracefully; zero cancels at once.
    public var graceful: Duration
    /// How long it has to return after its task was cancelled.
    public var cancel: Duration
    /// What to do when both have passed.
    public var then: LastResort

    /// Creates a ladder.
    public init(graceful: Duration = .seconds(10), cancel: Duration = .seconds(5), then: LastResort = .abandon) {
        self.graceful = graceful
        self.cancel = cancel
        self.then = then
    }

    /// The longest that stopping can take.
    public var budget: Duration { self.graceful + self.cancel }
}
