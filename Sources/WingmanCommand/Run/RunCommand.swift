import ArgumentParser
import Logging
import Wingman
import WingmanCommandKit

/// `run`: server mode. Runs jobs and services until it is told to stop.
struct RunCommand: AsyncParsableCommand {
    static let name = "run"

    static let configuration = CommandConfiguration(
        commandName: Self.name,
        abstract: "Run jobs and services until stopped.",
        discussion: """
            Signals: TSTP takes no new jobs; TERM and INT stop, a second one at once; TTIN prints the tree to the \
            standard error. Exit codes: 0 stopped, 1 a core part kept failing, 69 the store cannot be used, \
            78 wrong configuration.
            """
    )

    @OptionGroup var options: RunOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let environment = try Program.environment()
        let configuration = try self.options.configuration()
        let store = try StoreAddress.find(option: self.store.url).makeStore(logger: environment.logger)
        let server = try await Server(
            environment.assembly,
            store: store,
            configuration: configuration,
            logger: environment.logger
        )
        let announcement = Announcement(store: store.location, configuration: configuration)
        try announcement.print(asJSON: self.format.isJSON)
        try await self.run(server)
    }

    /// A store that cannot be used and a wrong configuration have codes of their own; whatever else ends the server is a
    /// core part that kept failing, and the error tells its history.
    private func run(_ server: Server) async throws {
        do {
            try await server.run()
        } catch {
            throw ExitStatus(error) ?? ExitStatus(code: ExitStatus.failure, message: "\(error)")
        }
    }
}
