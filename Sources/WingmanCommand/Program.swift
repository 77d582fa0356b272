import ArgumentParser
import Logging
import Wingman
import WingmanCommandKit

/// The app behind the executable, read once: every command finds it by ``current``, the root command included, whose
/// subcommands depend on the app's plugins.
struct Program: Sendable {
    /// The program of this task; nil only outside of ``WingmanApp/main()``.
    @TaskLocal static var current: Program?

    /// The app, or what is wrong with it. Help and the reports of `check` work without a sound app.
    let assembly: Result<Assembly, ConfigurationError>
    let logger: Logger

    /// Reads an app for a mode.
    ///
    /// - Parameter options: Where options of plugins come from beside the code, the weakest first.
    static func read<App: WingmanApp>(
        _ type: App.Type,
        mode: HostMode,
        logger: Logger,
        options: [any OptionSource] = []
    ) -> Program {
        let app = App()
        do {
            let assembly = try Assembly(
                app,
                mode: mode,
                logger: logger,
                options: options,
                commands: PluginCommands.names
            )
            return Program(assembly: .success(assembly), logger: logger)
        } catch let error as ConfigurationError {
            return Program(assembly: .failure(error), logger: logger)
        } catch {
            return Program(assembly: .failure(ConfigurationError(["\(error)"])), logger: logger)
        }
    }

    /// Where options of plugins come from: the file, and above it the environment. Who runs a program overrules who wrote
    /// it, and one process may differ from what all have in common.
    static func optionSources(_ arguments: [String]) -> [any OptionSource] {
        let file = ConfigurationFile.find(in: arguments).map { FileOptions(path: $0) }
        return (file.map { [$0] } ?? []) + [EnvironmentOptions()]
    }

    /// The environment of a command.
    ///
    /// - Throws: `ConfigurationError` if the app is not sound.
    static func environment() throws -> CommandEnvironment {
        guard let program = Self.current else {
            throw ConfigurationError(["a command runs outside of its program: start it by the app's main"])
        }
        return program.environment(try program.assembly.get())
    }

    private func environment(_ assembly: Assembly) -> CommandEnvironment {
        let logger = self.logger
        return CommandEnvironment(assembly: assembly, logger: logger) { url in
            try await StoreAddress.find(option: url).open(logger: logger)
        }
    }

    /// Finds the command in the arguments, runs it and ends the process if it failed.
    func run(_ arguments: [String]) async {
        let environment = (try? self.assembly.get()).map { self.environment($0) }
        await CommandEnvironment.$current.withValue(environment) {
            do {
                var command = try await RootCommand.asyncParseAsRoot(arguments)
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch {
                self.end(with: error)
            }
        }
    }

    /// Says what went wrong and ends the process. Usage errors and help are the parser's to show.
    private func end(with error: any Error) {
        if let status = ExitStatus(error) { status.end() }
        let isUsage = RootCommand.exitCode(for: error) == .validationFailure
        if isUsage, case .failure(let faults) = self.assembly {
            // The command may be one that a plugin of this unsound app would have brought.
            ExitStatus(code: ExitStatus.configuration, message: faults.description).end()
        }
        RootCommand.exit(withError: error)
    }
}
