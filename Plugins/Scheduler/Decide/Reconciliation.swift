/// Compares what a program says of a schedule with what the store has of it. A value: others perform the verdict.
enum Reconciliation: Equatable {
    /// The store does not know it: record it, beginning with the next occurrence.
    case create
    /// The store has the same.
    case keep
    /// The store has the same, of an older deployment or on the way out: only that is written anew.
    case adopt
    /// The store has another recurrence: it begins anew with the next occurrence, its history stays.
    case change
    /// Somebody else has the say; this process enqueues nothing for it.
    case standAside(String)

    /// What a program does about a schedule it has.
    ///
    /// - Parameters:
    ///   - spec: The canonical text of its recurrence.
    ///   - recorded: What the store has.
    ///   - hasNewer: Whether a newer deployment of the program lives.
    ///   - own: This process's deployment.
    ///   - isAlive: Whether any process of another deployment lives. One without processes has no say any more: so a
    ///     program that goes back to an older build, or has a new name, finds its schedules again.
    static func verdict(
        spec: String,
        jobClass: String,
        choices: PolicyChoices,
        recorded: ScheduleRecord?,
        hasNewer: Bool = false,
        own: Deployment,
        isAlive: (Deployment) -> Bool
    ) -> Reconciliation {
        guard let recorded else {
            return hasNewer ? .standAside("a newer deployment has removed it") : .create
        }
        let other = Deployment(application: recorded.application, generation: recorded.generation)
        guard recorded.owner == .code else {
            return .standAside(
                "there is a schedule of this id that `cron add` made: remove it, or rename one of the two"
            )
        }
        if other.application != own.application, isAlive(other) {
            return .standAside("the program \(other.application) has a schedule of this id: rename one of the two")
        }
        let isOlder = other.application == own.application && other.generation > own.generation
        let isSame = recorded.spec == spec
        if isOlder, isAlive(other) {
            return isSame && recorded.vanishedAt == nil ? .keep : .standAside("a newer deployment has changed it")
        }
        guard isSame else { return .change }
        let isUpToDate =
            other == own && recorded.vanishedAt == nil && recorded.jobClass == jobClass && recorded.choices == choices
        return isUpToDate ? .keep : .adopt
    }
}

/// What becomes of a recorded schedule that its program does not have any more. A value: others perform it.
enum Vanishing: Equatable {
    case keep
    /// From now on its grace runs.
    case mark
    /// Its grace is over.
    case remove

    /// - Parameters:
    ///   - own: The deployment of a process that does not have the schedule.
    ///   - grace: How long a schedule stays, in milliseconds: processes of the old deployment go on with it meanwhile.
    static func verdict(_ record: ScheduleRecord, own: Deployment, grace: Int, now: Int) -> Vanishing {
        // Processes of one deployment may have different lists; only a later one tells that it is gone for good.
        guard record.owner == .code, record.application == own.application, record.generation < own.generation else {
            return .keep
        }
        guard let since = record.vanishedAt else { return .mark }
        return now - since >= grace ? .remove : .keep
    }
}
