import ArgumentParser
import Supervision
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
        await self.serve(server)
    }

    /// Runs the server and ends the process, on the timer thread: jobs that go on computing after they were given back may
    /// hold every thread of the cooperative pool, and nothing behind an `await` of ours would ever run there.
    private func serve(_ server: Server) async {
        await withTaskExecutorPreference(TimerThread.shared) {
            do {
                try await server.run()
                ExitStatus.exit(0)
            } catch {
                // A store that cannot be used and a wrong configuration have codes of their own; whatever else ends the
                // server is a core part that kept failing, and the error tells its history; or a service that ended the
                // tree with a code of its own.
                let code = (error as? SupervisionError)?.exitCode ?? ExitStatus.failure
                let status = ExitStatus(error) ?? ExitStatus(code: code, message: "\(error)")
                status.end()
            }
        }
    }
}
