import ArgumentParser
import Wingman

/// Sidekiq's flags, and what they make of the server.
struct RunOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("Jobs that run at once.", valueName: "count"))
    var concurrency = 5

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A queue, repeatable; with weights, heavier ones come first more often.",
            valueName: "name[,weight]"
        )
    )
    var queue: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("How long running jobs may take to end at a stop.", valueName: "seconds")
    )
    var timeout = 25.0

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The environment's name, a label of the process.", valueName: "name")
    )
    var environment: String?

    @Option(name: [.customShort("g"), .customLong("tag")], help: ArgumentHelp("The process's tag.", valueName: "tag"))
    var tag: String?

    @Flag(name: .shortAndLong, help: "Log at debug level.")
    var verbose = false

    @Flag(help: "Stop, with exit code 0, once nothing is queued, due or running.")
    var untilEmpty = false

    /// What the flags mean.
    ///
    /// - Throws: `ConfigurationError` with every value that makes no sense.
    func configuration() throws -> ServerConfiguration {
        var faults: [String] = []
        if !(1...10_000).contains(self.concurrency) {
            faults.append("-c \(self.concurrency): run from 1 to 10000 jobs at once")
        }
        if !(0...86_400).contains(self.timeout) {
            faults.append("-t \(self.timeout): allow from 0 to 86400 seconds for a stop")
        }
        let queues = self.queue.compactMap { text -> QueueWeight? in
            do {
                return try QueueWeight(parsing: text)
            } catch {
                faults += (error as? ConfigurationError)?.faults ?? ["-q \(text): \(error)"]
                return nil
            }
        }
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        let capsule = CapsuleConfiguration(
            concurrency: self.concurrency,
            queues: queues.isEmpty ? [QueueWeight("default")] : queues
        )
        return ServerConfiguration(
            capsules: [capsule],
            stopTimeout: .seconds(self.timeout),
            tag: self.tag ?? "",
            labels: self.environment.map { [$0] } ?? [],
            stopsWhenEmpty: self.untilEmpty
        )
    }
}
