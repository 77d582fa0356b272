import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the commands print: tables for people, JSON for programs.
enum CronOutput {
    /// A value as a line of JSON, keys sorted.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Rows under a heading, aligned; what would command a terminal is shown as `?`.
    static func table(_ heading: [String], _ rows: [[String]]) {
        let all = [heading] + rows.map { $0.map(Self.printable) }
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        for row in all {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            print(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }

    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 })
        )
    }

    /// The zone of this machine: TZ, or what /etc/localtime points to, or UTC.
    static var here: Zone {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime")
        let name =
            ProcessInfo.processInfo.environment["TZ"] ?? link?.split(separator: "zoneinfo/").last.map(String.init)
        return name.flatMap { try? Zone(named: $0) } ?? .utc
    }

    /// This machine's time.
    static var now: Instant { Instant(secondsSince1970: Int(Date().timeIntervalSince1970)) }
}

/// What the commands find around themselves.
struct CronSurroundings {
    let environment: CommandEnvironment
    let plan: SchedulerPlan

    static func find() throws -> CronSurroundings {
        guard let environment = CommandEnvironment.current,
            let plan = environment.assembly.plugin(Scheduler.self)?.state.plan
        else { throw ConfigurationError(["the command runs outside of a program with a Scheduler"]) }
        var known = plan
        let assembly = environment.assembly
        known.options = { assembly.options(ofJob: $0) }
        return CronSurroundings(environment: environment, plan: known)
    }

    /// Runs `body` at the desk of a store.
    func withDesk<Result>(at url: String?, _ body: (ScheduleDesk) async throws -> Result) async throws -> Result {
        try await self.environment.withStore(at: url) { store in
            try await body(
                ScheduleDesk(
                    keys: CommandKeys(store: store),
                    client: self.environment.assembly.client(store: store),
                    plan: self.plan
                )
            )
        }
    }
}
