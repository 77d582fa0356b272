import Logging

/// What a whole tree shares, and where in it a supervisor stands.
struct SupervisionEnvironment: Sendable {
    let time: any Timekeeper
    let registry: ServiceRegistry
    let events: EventHub
    let metrics: SupervisionMetrics
    let logger: Logger
    let seed: UInt64
    let exitProcess: @Sendable (Int32) -> Void
    /// The path of the supervisor that has this environment.
    var path: String
    /// Stops the whole tree with this error; nil until the root has put itself here.
    var terminateRoot: (@Sendable (SupervisionError) -> Void)?

    /// The environment of the supervisor at `path`.
    func inside(_ path: String) -> Self {
        var copy = self
        copy.path = path
        return copy
    }

    /// Stops the whole tree with this error.
    func terminateTree(_ error: SupervisionError) {
        self.terminateRoot?(error)
    }
}
