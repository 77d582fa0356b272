public import Logging
public import Wingman

/// What a subcommand finds around itself while it runs: the app, read once, and the store it is asked to use.
public struct CommandEnvironment: Sendable {
    /// The environment of the command that runs in this task; nil outside of a Wingman executable.
    @TaskLocal public static var current: CommandEnvironment?

    /// The app, in the mode of the command that was called: `run` is server mode, everything else client mode.
    public let assembly: Assembly

    /// Where commands log; what they are asked for, they print.
    public let logger: Logger

    private let connect: @Sendable (String?) async throws -> any Store

    /// An environment for commands.
    ///
    /// - Parameters:
    ///   - assembly: The app.
    ///   - logger: Where commands log.
    ///   - connect: Opens the store at a URL, or at the one the process's environment names.
    public init(
        assembly: Assembly,
        logger: Logger,
        connect: @escaping @Sendable (String?) async throws -> any Store
    ) {
        self.assembly = assembly
        self.logger = logger
        self.connect = connect
    }

    /// Runs `body` with an open store, and closes it at the end.
    ///
    /// - Parameters:
    ///   - url: The value of `--store`; nil takes `WINGMAN_STORE`, then `REDIS_URL`.
    ///   - body: What to do with the store.
    /// - Throws: `ConfigurationError` if no store is named or the URL is unusable; `StoreError` if it does not open.
    public func withStore<Result>(
        at url: String?,
        _ body: (any Store) async throws -> Result
    ) async throws -> Result {
        let store = try await self.connect(url)
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}
