import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is pushed, but for the arguments.
struct PushRequest: Sendable {
    let assembly: Assembly
    let jobClass: String
    let options: JobOptions
    let date: Date?

    /// Pushes one job for each JSON array.
    func push(_ arguments: [String], with client: Client) async throws -> [String?] {
        try await client.push(class: self.jobClass, argumentsJSON: arguments, options: self.options, at: self.date)
    }

    /// Why a text cannot be the arguments of the job; nil if it can.
    func fault(in arguments: String) -> String? {
        do {
            try self.assembly.check(argumentsJSON: arguments, ofJob: self.jobClass)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

/// When a job shall run, as the command line says it.
enum DueTime {
    /// The date that `--in` or `--at` name; nil is now.
    ///
    /// - Throws: ``ExitStatus`` if the time is not readable.
    static func date(delay: Double?, at text: String?, now: Date = Date()) throws -> Date? {
        if let delay {
            guard delay.isFinite, abs(delay) < 1e10 else { throw Self.unreadable("--in \(delay)") }
            return now.addingTimeInterval(delay)
        }
        guard let text else { return nil }
        if let seconds = Double(text), seconds.isFinite, abs(seconds) < 1e11 {
            return Date(timeIntervalSince1970: seconds)
        }
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        for style in styles {
            if let date = try? Date(text, strategy: style) { return date }
        }
        throw Self.unreadable("--at \(text)")
    }

    private static func unreadable(_ what: String) -> ExitStatus {
        ExitStatus(
            code: ExitStatus.usage,
            message: "\(what): write seconds, or a time such as 2026-05-01T12:00:00Z"
        )
    }
}
