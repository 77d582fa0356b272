import Wingman

/// What a program wants of its scheduler, read once and free of faults.
struct SchedulerPlan: Sendable {
    /// The schedules of code and file, by id.
    var entries: [String: PlannedSchedule]
    /// What holds where a schedule says nothing.
    var policies: SchedulePolicies
    var deployment: Deployment
    /// How long a schedule stays that the program has no more, in milliseconds.
    var vanishGrace: Int
    /// The options of a job class, as far as the program knows it.
    var options: @Sendable (String) -> JobOptions? = { _ in nil }
}

/// One schedule of code or file, checked.
struct PlannedSchedule: Sendable {
    let timing: Timing
    let maker: JobMaker
    let jobClass: String
    let choices: PolicyChoices

    var id: String { self.timing.id }
    var spec: String { self.timing.recurrence.description }

    /// The record of a schedule that is new: it begins with the next occurrence, never at once.
    func newRecord(_ deployment: Deployment, now: Int) -> ScheduleRecord {
        ScheduleRecord(
            spec: self.spec,
            owner: .code,
            application: deployment.application,
            generation: deployment.generation,
            jobClass: self.jobClass,
            choices: self.choices,
            next: self.timing.recurrence.next(afterSecond: now.floorDivided(by: 1_000))
        )
    }
}
