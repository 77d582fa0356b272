import Logging
import Wingman

/// Where the program logs: the standard error, one line a message.
enum LogOutput {
    /// Sets up logging for the whole process, once, before anything else runs.
    ///
    /// - Returns: The logger of the host. Its level is `info`, `debug` with `-v`, or what `LOG_LEVEL` names.
    static func bootstrap(arguments: [String]) -> Logger {
        LoggingSystem.bootstrap(
            { label, provider in StreamLogHandler.standardError(label: label, metadataProvider: provider) },
            metadataProvider: Self.jobMetadata
        )
        var logger = Logger(label: "wingman")
        logger.logLevel = Self.level(arguments: arguments, variable: EnvironmentVariable.read("LOG_LEVEL"))
        return logger
    }

    /// The level that the arguments and the environment ask for.
    static func level(arguments: [String], variable: String?) -> Logger.Level {
        if arguments.contains("-v") || arguments.contains("--verbose") { return .debug }
        return variable.flatMap { Logger.Level(rawValue: $0.lowercased()) } ?? .info
    }

    /// Whatever logs inside of a job, a library included, says which job.
    private static let jobMetadata = Logger.MetadataProvider {
        guard let job = JobContext.current else { return [:] }
        return ["job.id": "\(job.jobID)", "job.class": "\(job.jobClass)"]
    }
}
