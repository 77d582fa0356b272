import ArgumentParser
import Wingman
import WingmanCommandKit

/// The executable without a subcommand: shows its help.
struct RootCommand: AsyncParsableCommand {
    /// The commands of every app, in the order help shows them.
    static let own: [any ParsableCommand.Type] = [
        RunCommand.self,
        EnqueueCommand.self,
        StatusCommand.self,
        TreeCommand.self,
        QueuesCommand.self,
        JobsCommand.self,
        ProcessesCommand.self,
        PauseCommand.self,
        ResumeCommand.self,
        QuietCommand.self,
        StopCommand.self,
        SendCommand.self,
        MigrateCommand.self,
        PluginsCommand.self,
        CheckCommand.self,
    ]

    /// Computed: the plugins of the app that runs bring commands of their own.
    static var configuration: CommandConfiguration {
        let plugins = (try? Program.current?.assembly.get())?.plugins ?? []
        return CommandConfiguration(
            commandName: Output.programName,
            abstract: "Runs background jobs and always-on services in one process.",
            discussion: """
                The store is named by --store, else by WINGMAN_STORE, else by REDIS_URL: redis://host:6379/0, \
                rediss://user:password@host, redis+unix:///run/redis.sock or sqlite:PATH; else it is the file \
                .wingman/store.db, and nothing has to be installed.
                """,
            version: Release.version,
            subcommands: Self.own + PluginCommands.all(of: plugins)
        )
    }
}
