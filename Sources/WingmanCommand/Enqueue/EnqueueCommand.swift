import ArgumentParser
import Wingman
import WingmanCommandKit

/// `enqueue`: pushes a job, or many from the standard input.
struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue",
        abstract: "Push a job, or one a line from the standard input.",
        discussion: """
            A class of this program brings its own options (queue, retries and the like) and has its arguments checked; \
            any other class has Sidekiq's defaults. With --stdin each line is a JSON array of arguments; lines that are not are named with their \
            number on the standard error, the others are pushed, and the exit code is 65.
            """
    )

    @Argument(help: "The job's class.")
    var jobClass: String

    @Argument(help: "Its arguments, a JSON array.")
    var arguments: String?

    @Option(name: .shortAndLong, help: "The queue, instead of the class's own.")
    var queue: String?

    @Option(name: .customLong("in"), help: ArgumentHelp("Run it after so many seconds.", valueName: "seconds"))
    var delay: Double?

    @Option(help: ArgumentHelp("Run it at a time: ISO 8601 or seconds since 1970.", valueName: "time"))
    var at: String?

    @Flag(help: "Read arguments from the standard input, one JSON array a line.")
    var stdin = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        if self.stdin && self.arguments != nil {
            throw ValidationError("Give the arguments either on the command line or by --stdin.")
        }
        if self.delay != nil && self.at != nil {
            throw ValidationError("Give either --in or --at.")
        }
    }

    func run() async throws {
        let environment = try Program.environment()
        let request = PushRequest(
            assembly: environment.assembly,
            jobClass: self.jobClass,
            options: self.options(environment.assembly),
            date: try DueTime.date(delay: self.delay, at: self.at)
        )
        if !self.stdin, let fault = request.fault(in: self.arguments ?? "[]") {
            throw ExitStatus(code: ExitStatus.data, message: "the arguments of \(self.jobClass): \(fault)")
        }
        try await environment.withStore(at: self.store.url) { store in
            let client = environment.assembly.client(store: store)
            if self.stdin {
                try await self.pushLines(request, with: client)
            } else {
                try await self.pushOne(request, with: client)
            }
        }
    }

    private func options(_ assembly: Assembly) -> JobOptions {
        var options = assembly.options(ofJob: self.jobClass) ?? JobOptions()
        if let queue { options.queue = queue }
        return options
    }

    private func pushOne(_ request: PushRequest, with client: Client) async throws {
        let jobID: String?
        do {
            jobID = try await request.push([self.arguments ?? "[]"], with: client)[0]
        } catch let error as StoreError where error.mayHaveRun {
            throw ExitStatus(
                code: ExitStatus.unavailable,
                message: "\(error) The job may have been pushed all the same."
            )
        }
        if self.format.isJSON {
            try Output.json(["jid": jobID])
        } else {
            Output.line(jobID ?? "refused by a middleware")
        }
    }

    private func pushLines(_ request: PushRequest, with client: Client) async throws {
        var lines = LineReader()
        let summary = try await BulkPush(request: request, client: client).run(&lines)
        if self.format.isJSON {
            try Output.json(summary)
        } else {
            Output.line(summary.text)
        }
        if summary.bad > 0 { throw ExitCode(ExitStatus.data) }
    }
}
