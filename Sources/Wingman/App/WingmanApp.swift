/// A program on Wingman: its job types, services and plugins. The executable is both sides: `run` is server mode, every
/// other command and ``Assembly/client(store:)`` is client mode.
///
/// Import `WingmanCommand` and mark the type `@main` to get the command line.
public protocol WingmanApp: Sendable {
    /// Makes the app; called once.
    init()

    /// The job types this program can run.
    @JobListBuilder var jobs: JobList { get }

    /// Always-on services of the app itself, in the order they start.
    @ServiceListBuilder var services: ServiceList { get }

    /// Plugins, in the order they are configured and started. Read once.
    @PluginListBuilder var plugins: PluginList { get }

    /// Puts values there for jobs and services (a database pool, a mailer), before anything starts.
    func prepare(_ values: inout SharedValues) async throws
}

extension WingmanApp {
    /// None.
    public var services: ServiceList { ServiceList() }
    /// None.
    public var plugins: PluginList { PluginList() }
    /// Puts nothing there.
    public func prepare(_ values: inout SharedValues) async throws {}
}
