import ArgumentParser
import Wingman
import WingmanCommandKit

/// `processes`: who works on the store.
struct ProcessesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "processes", abstract: "Show the processes that beat.")

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let lines = try await Program.environment().withStore(at: self.store.url) { store in
            try await store.processes().map(ProcessLine.init)
        }
        if self.format.isJSON {
            try Output.json(lines)
        } else {
            for line in ProcessLine.table(lines) { Output.line(line) }
        }
    }
}

/// Which processes are meant: by the beginning of their names, or all.
struct ProcessSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("Processes, or the beginnings of their names.", valueName: "process"))
    var names: [String] = []

    @Flag(help: "All processes.")
    var all = false

    func validate() throws {
        if self.names.isEmpty != self.all { throw ValidationError("Name processes, or all by --all.") }
    }

    /// Sends a signal by way of the store; a process hears it with its next beat.
    func send(_ signal: String, through store: any Store) async throws -> [String] {
        let known = try await store.processes().map(\.process)
        var meant = Set(self.all ? known : [])
        for name in self.names {
            let matches = known.filter { $0.rawValue.hasPrefix(name) }
            guard !matches.isEmpty else {
                throw ExitStatus(
                    code: ExitStatus.data,
                    message: "no process begins with \(name); `processes` lists them. Nothing was sent"
                )
            }
            meant.formUnion(matches)
        }
        for process in meant { try await store.signal(process, signal) }
        return meant.map(\.rawValue).sorted()
    }
}

/// `quiet PROCESS…`.
struct QuietCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quiet",
        abstract: "Tell processes to take no new jobs; they hear it within seconds."
    )

    @OptionGroup var selection: ProcessSelection
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let sent = try await Program.environment().withStore(at: self.store.url) { store in
            try await self.selection.send("TSTP", through: store)
        }
        for process in sent { Output.line("quiet \(process)") }
    }
}

/// `stop PROCESS…`.
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Tell processes to stop; they hear it within seconds."
    )

    @OptionGroup var selection: ProcessSelection
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let sent = try await Program.environment().withStore(at: self.store.url) { store in
            try await self.selection.send("TERM", through: store)
        }
        for process in sent { Output.line("stop \(process)") }
    }
}
