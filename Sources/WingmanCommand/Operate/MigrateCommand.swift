import ArgumentParser
import Synchronization
import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `migrate`: moves all waiting jobs from one store to another.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Move all waiting jobs from one store to another.",
        discussion: """
            Moves queued, scheduled, retried, dead and quarantined jobs, in their order, and which queues are paused. It \
            may be killed at any moment: call it again with the same stores, and it goes on; nothing is lost or doubled. \
            It refuses while processes work on either store, unless --force is given.

            What plugins keep is not moved: their keys stay behind, it says at the end how many of which plugins, and on \
            the new store these plugins begin anew: what was paused or added by their commands is to be so there again.
            """
    )

    @Option(help: ArgumentHelp("The store to move from.", valueName: "url"))
    var from: String

    @Option(help: ArgumentHelp("The store to move to.", valueName: "url"))
    var to: String

    @Option(help: ArgumentHelp("A plain list to move as well, such as an orchestrator's inbox.", valueName: "key"))
    var list: [String] = []

    @Flag(help: "Move although processes work on the stores.")
    var force = false

    @OptionGroup var format: FormatOptions

    func run() async throws {
        let environment = try Program.environment()
        try self.refuseMissingSource(environment)
        let (summary, left) = try await environment.withStore(at: self.from) { source in
            try await environment.withStore(at: self.to) { target in
                let migration = Migration(from: source, to: target, lists: self.list)
                guard try await !migration.isWithinOneStore() else {
                    throw ExitStatus(code: ExitStatus.usage, message: "--from and --to are the same store")
                }
                try await self.mind(migration)
                // First, so that a source that cannot tell is heard of while nothing has moved.
                let left = try await migration.keysLeft()
                return (try await self.move(migration), left)
            }
        }
        if self.format.isJSON {
            try Output.json(Report(moved: summary.moved, keysLeft: left))
        } else {
            Output.line("moved \(summary.moved) jobs")
            guard !left.isEmpty else { return }
            let plugins = left.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            Output.line("keys of plugins that stay behind: \(plugins). On the new store these plugins begin anew")
        }
    }

    private struct Report: Encodable {
        var moved: Int
        /// By plugin.
        var keysLeft: [String: Int]
    }

    /// To open a file that is not there would make it, and then find nothing to move.
    private func refuseMissingSource(_ environment: CommandEnvironment) throws {
        let address = try StoreAddress.find(option: self.from)
        guard let path = try address.missingFile(logger: environment.logger) else { return }
        throw ExitStatus(
            code: ExitStatus.unavailable,
            message:
                "--from: there is no file at \(path): nothing was moved, and none was made. Check its name; a path "
                + "without / at its beginning counts from the working directory"
        )
    }

    private func mind(_ migration: Migration) async throws {
        guard !self.force else { return }
        let objections = try await migration.objections(now: Date().timeIntervalSince1970)
        guard objections.isEmpty else {
            let text = objections.joined(separator: "\n  ")
            throw ExitStatus(
                code: ExitStatus.refused,
                message: "not moved:\n  \(text)\n  or move all the same by --force"
            )
        }
    }

    private func move(_ migration: Migration) async throws -> Migration.Progress {
        let line = Mutex(Progress("moved"))
        defer { line.withLock { $0.clear() } }
        return try await migration.run { progress in
            line.withLock { $0.show(progress.moved, of: progress.total) }
        }
    }
}
