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
        let summary = try await environment.withStore(at: self.from) { source in
            try await environment.withStore(at: self.to) { target in
                let migration = Migration(from: source, to: target, lists: self.list)
                guard try await !migration.isWithinOneStore() else {
                    throw ExitStatus(code: ExitStatus.usage, message: "--from and --to are the same store")
                }
                try await self.mind(migration)
                return try await self.move(migration)
            }
        }
        if self.format.isJSON {
            try Output.json(["moved": summary.moved])
        } else {
            Output.line("moved \(summary.moved) jobs")
        }
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
