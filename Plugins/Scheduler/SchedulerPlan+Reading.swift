import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Scheduler {
    /// Everything the program and its options say, checked together.
    ///
    /// - Throws: `ConfigurationError` with all faults.
    func plan(_ host: PluginHost) throws -> SchedulerPlan {
        let file = try host.value(of: Self.fileOption)
        var faults: [String] = []
        var entries = self.entries
        if let file {
            do throws(ConfigurationError) {
                entries += try ScheduleFile(path: file).entries
            } catch {
                faults += error.faults
            }
        }
        let policies = SchedulePolicies(
            catchUp: try host.value(of: Self.catchUp),
            grace: try host.value(of: Self.grace),
            overlap: try host.value(of: Self.overlap),
            jitter: try host.value(of: Self.jitter)
        )
        let planned = Self.planned(entries, policies, faults: &faults)
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        return SchedulerPlan(
            entries: planned,
            policies: policies,
            deployment: Deployment(
                application: try host.value(of: Self.application) ?? Self.executableName,
                generation: try host.value(of: Self.generation) ?? Self.newestDate(of: [Self.executablePath, file])
            ),
            vanishGrace: try host.value(of: Self.vanishGrace).wholeMilliseconds
        )
    }

    static func planned(
        _ entries: [ScheduleEntry],
        _ policies: SchedulePolicies,
        faults: inout [String]
    ) -> [String: PlannedSchedule] {
        var planned: [String: PlannedSchedule] = [:]
        for entry in entries {
            if let fault = entry.fault {
                faults.append(fault)
            } else if planned[entry.id] != nil {
                faults.append("two schedules have the id \"\(entry.id)\": give one of them another `id:`")
            } else if case .success(let recurrence) = entry.recurrence {
                planned[entry.id] = PlannedSchedule(
                    timing: Timing(id: entry.id, recurrence: recurrence, policies: entry.choices.resolved(policies)),
                    maker: entry.maker,
                    jobClass: entry.jobClass,
                    choices: entry.choices
                )
            }
        }
        return planned
    }

    // MARK: The deployment

    private static var executablePath: String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments.first
            ?? ""
    }

    static var executableName: String {
        Self.executablePath.split(separator: "/").last.map(String.init) ?? "app"
    }

    /// The newest date of these files, in seconds since 1970: a program that was built, or a file that was written, later
    /// belongs to a later deployment.
    private static func newestDate(of paths: [String?]) -> Int {
        paths.compactMap { path in
            guard let path, let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
            return (attributes[.modificationDate] as? Date).map { Int($0.timeIntervalSince1970) }
        }
        .max() ?? 0
    }
}
