import Logging

/// How one execution of a job ended, for plugins that keep something in step with it.
public struct JobEnd: Sendable {
    /// What becomes of the job.
    public enum Kind: String, Sendable {
        /// It did its work.
        case done
        /// It failed and will be tried again.
        case retrying
        /// It asked to run again later.
        case snoozed
        /// It failed for good and lies in the dead set.
        case dead
        /// It failed for good, or asked for it, and is not kept.
        case discarded
    }

    /// The job.
    public let context: JobContext
    /// What becomes of it.
    public let kind: Kind

    /// Whether it will not run again by itself.
    public var isFinal: Bool {
        switch self.kind {
        case .done, .dead, .discarded: true
        case .retrying, .snoozed: false
        }
    }
}

/// A plugin's part in settlements: effects that are applied in the same step as a job's end, or not at all.
struct SettlementContributor: Sendable {
    let plugin: String
    /// Only jobs with this top-level member are looked at.
    let field: String
    let body: @Sendable (JobEnd, KeySpace) -> [Effect]
    /// The field's name in quotes, which the bytes of such a job hold.
    let mark: [UInt8]

    init(plugin: String, field: String, body: @escaping @Sendable (JobEnd, KeySpace) -> [Effect]) {
        self.plugin = plugin
        self.field = field
        self.body = body
        self.mark = Array("\"\(field)\"".utf8)
    }

    /// What is to be done with the end of `payload`; nothing for jobs without the field.
    func effects(_ kind: JobEnd.Kind, _ payload: JobPayload, queue: String, environment: ServiceEnvironment) -> [Effect]
    {
        guard payload.bytes.holds(self.mark) else { return [] }
        let environment = environment.owned(by: self.plugin)
        let context = JobContext(payload: payload, environment: environment, queue: queue)
        guard context.json(of: self.field) != nil else { return [] }
        let effects = self.body(JobEnd(context: context, kind: kind), environment.keys)
        do {
            try environment.keys.check(Change(effects))
            return effects
        } catch {
            // The job's end must not suffer from a plugin's mistake.
            environment.logger.error(
                "effects of a plugin are left out of a settlement",
                metadata: ["error": "\(error)"]
            )
            return []
        }
    }
}

extension PluginHost {
    /// Adds effects to the end of every execution of jobs that have the top-level member `field`: they are applied in the
    /// same atomic step as the settlement, or not at all. Executions that are given back have no end.
    ///
    /// A program none of whose plugins does this pays nothing for it.
    ///
    /// - Parameters:
    ///   - field: A member that the plugin gave its jobs, such as `wingman_schedule`.
    ///   - body: Says the effects, on the plugin's own keys. Must be quick: jobs wait for it.
    public mutating func settle(
        jobsWith field: String,
        _ body: @escaping @Sendable (JobEnd, KeySpace) -> [Effect]
    ) {
        self.contributors.append(SettlementContributor(plugin: self.plugin, field: field, body: body))
    }
}

extension Execution {
    /// What the store is told of the end of a job, with what plugins add to it.
    func settlement(of prepared: Prepared, _ outcome: Outcome) -> Settlement {
        var settlement = outcome.settlement(of: prepared.claimed.token)
        guard !self.contributors.isEmpty, let kind = outcome.end, let payload = prepared.payload else {
            return settlement
        }
        for contributor in self.contributors {
            settlement.effects += contributor.effects(
                kind,
                payload,
                queue: prepared.claimed.source.name,
                environment: self.environment
            )
        }
        return settlement
    }
}

extension Execution.Prepared {
    fileprivate var payload: JobPayload? {
        switch self.content {
        case .job(let payload, _), .unknownClass(let payload): payload
        case .malformed: nil
        }
    }
}

extension Outcome {
    /// The end that plugins hear of; nil: this execution never was.
    fileprivate var end: JobEnd.Kind? {
        switch self {
        case .done: .done
        case .retry: .retrying
        case .snooze: .snoozed
        case .dead: .dead
        case .discard: .discarded
        case .interrupted: nil
        }
    }
}

extension [UInt8] {
    /// Whether `part` occurs in it.
    func holds(_ part: [UInt8]) -> Bool {
        guard let first = part.first, self.count >= part.count else { return false }
        return self.withUnsafeBufferPointer { bytes in
            for start in 0...(bytes.count - part.count) where bytes[start] == first {
                if part.indices.allSatisfy({ bytes[start + $0] == part[$0] }) { return true }
            }
            return false
        }
    }
}
