import ArgumentParser
import Wingman
import WingmanCommandKit

/// `tree`: the supervision tree that `run` will start, and the processes that run it now if a store is named.
///
/// A running process shows its own tree, with states and restarts, at the signal TTIN: nothing listens in a process of
/// ours that could be asked.
struct TreeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tree",
        abstract: "Show the tree that run starts, and the processes that run it on the store.",
        discussion: "A running process prints its own tree with states at kill -TTIN PID."
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let environment = try Program.environment()
        let plan = PlannedTree(environment.assembly).root
        var processes: [ProcessLine]?
        if try StoreAddress.find(option: self.store.url).mayExist {
            processes = try await environment.withStore(at: self.store.url) { store in
                try await store.processes().map(ProcessLine.init)
            }
        }
        if self.format.isJSON {
            try Output.json(Report(tree: plan, processes: processes))
        } else {
            for line in plan.lines() { Output.line(line) }
            if let processes {
                Output.line("")
                for line in ProcessLine.table(processes) { Output.line(line) }
            }
        }
    }

    private struct Report: Encodable {
        let tree: PlannedTree.Node
        let processes: [ProcessLine]?
    }
}
