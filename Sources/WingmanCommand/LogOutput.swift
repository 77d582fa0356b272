import Logging
import Wingman

/// Where the program logs: the standard error, one line a message.
enum LogOutput {
    /// Sets up logging for the whole process, once, before anything else runs.
    ///
    /// - Returns: The logger of the host.
    static func bootstrap(arguments: [String], mode: HostMode) -> Logger {
        LoggingSystem.bootstrap(
            { label, provider in StreamLogHandler.standardError(label: label, metadataProvider: provider) },
            metadataProvider: Self.jobMetadata
        )
        var logger = Logger(label: "wingman")
        logger.logLevel = Self.level(arguments: arguments, mode: mode, variable: EnvironmentVariable.read("LOG_LEVEL"))
        return logger
    }

    /// The level of `LOG_LEVEL`, or of `-v` in server mode; else `info`, and `error` for a command in client mode: it
    /// prints what it did and fails aloud, so its log has nothing to add.
    static func level(arguments: [String], mode: HostMode, variable: String?) -> Logger.Level {
        if mode == .server, arguments.contains("-v") || arguments.contains("--verbose") { return .debug }
        if let level = variable.flatMap({ Logger.Level(rawValue: $0.lowercased()) }) { return level }
        switch mode {
        case .server: return .info
        case .client: return .error
        }
    }

    /// Whatever logs inside of a job, a library included, says which job.
    private static let jobMetadata = Logger.MetadataProvider {
        guard let job = JobContext.current else { return [:] }
        return ["job.id": "\(job.jobID)", "job.class": "\(job.jobClass)"]
    }
}
