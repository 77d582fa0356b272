import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where and when the commands are called.
enum LocalTime {
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
