import TestSupport
import Testing

@testable import Wingman

/// One failure under the rules, with a payload of the test's choice.
struct RetryCase {
    static let now = SidekiqTime(milliseconds: 1_800_000_000_000)
    static let failedEarlier = 1_799_999_000_000

    var members = ""
    var definition: JobDefinition? = JobDefinition(Failing.self)
    var failure = Failure(Breakage())
    var rules = RetryRules()
    var queue = "default"

    func verdict(seed: UInt64 = 1) throws -> RetryRules.Verdict {
        let extra = self.members.isEmpty ? "" : ",\(self.members)"
        let payload = try JobPayload(text: #"{"class":"Failing","args":[1],"jid":"j","queue":"pushed""# + extra + "}")
        var generator = SeededGenerator(seed: seed)
        return self.rules.verdict(
            payload: payload,
            queue: self.queue,
            definition: self.definition,
            failure: self.failure,
            now: Self.now,
            using: &generator
        )
    }

    /// What the job looks like afterwards, where it is kept.
    func kept() throws -> JobPayload {
        switch try self.verdict().outcome {
        case .retry(let payload, _), .dead(let payload): return try JobPayload(payload)
        case .done, .snooze, .discard, .interrupted: throw Breakage()
        }
    }

    /// `retry`, `dead` or `discard`.
    func end() throws -> String {
        switch try self.verdict().outcome {
        case .retry: "retry"
        case .dead: "dead"
        case .discard(failed: true): "discard"
        case .done, .snooze, .discard, .interrupted: "something else"
        }
    }
}

private struct Patient: Job {
    static let options = JobOptions(retry: .attempts(2))
    func perform(_ context: JobContext) async throws {}
}

private struct NeverAgain: Job {
    static let options = JobOptions(retry: .off)
    func perform(_ context: JobContext) async throws {}
}

private struct ForAnHour: Job {
    static let options = JobOptions(retry: .window(.seconds(3_600)))
    func perform(_ context: JobContext) async throws {}
}

private struct Killing: Job {
    func perform(_ context: JobContext) async throws {}
    static func retry(after error: any Error, retryCount: Int) -> RetryChoice { .kill }
}

private struct Discarding: Job {
    func perform(_ context: JobContext) async throws {}
    static func retry(after error: any Error, retryCount: Int) -> RetryChoice { .discard }
}

private struct Slow: Job {
    func perform(_ context: JobContext) async throws {}
    static func retry(after error: any Error, retryCount: Int) -> RetryChoice { .after(.seconds(1_000 + retryCount)) }
}

private struct Traced: BacktraceProviding {
    let backtraceLines = ["one", "two", "three"]
}

@Suite("What becomes of a failed job")
struct RetryRulesTests {
    @Test("The first failure writes failed_at and a count of 0, and keeps every other member")
    func firstFailure() throws {
        let kept = try RetryCase(members: #""big":123456789012345678901234567890,"f":1.0"#).kept()
        #expect(kept.failedAt == RetryCase.now)
        #expect(kept.retriedAt == nil)
        #expect(kept.retryCount == 0)
        #expect(kept.queue == "default")
        #expect(kept.text.contains(#""error_class":"Breakage""#))
        #expect(kept.text.contains(#""error_message":"it broke""#))
        #expect(kept.text.contains(#""big":123456789012345678901234567890,"f":1.0"#))
        #expect(!kept.text.contains("error_backtrace"))
    }

    @Test("A later failure keeps failed_at, writes retried_at and counts on")
    func laterFailure() throws {
        let kept = try RetryCase(members: #""retry_count":3,"failed_at":1799999000000"#).kept()
        #expect(kept.failedAt == SidekiqTime(milliseconds: 1_799_999_000_000))
        #expect(kept.retriedAt == RetryCase.now)
        #expect(kept.retryCount == 4)
    }

    @Test(
        "`retry` decides how often",
        arguments: [
            ("", "retry"), (#""retry":true"#, "retry"), (#""retry":null"#, "retry"), (#""retry":"often""#, "retry"),
            (#""retry":false"#, "discard"), (#""retry":0"#, "dead"), (#""retry":1"#, "retry"),
            (#""retry":-3"#, "dead"), (#""retry":2,"retry_count":0"#, "retry"),
            (#""retry":2,"retry_count":1"#, "dead"), (#""retry":true,"retry_count":23"#, "retry"),
            (#""retry":true,"retry_count":24"#, "dead"), (#""retry":30,"retry_count":28"#, "retry"),
            (#""retry":99999999999999999999,"retry_count":99999999999999999999"#, "dead"),
            (#""retry":5,"retry_count":-7"#, "retry"), (#""retry":1,"retry_count":"x""#, "retry"),
        ]
    )
    func retryMember(_ members: String, _ end: String) throws {
        #expect(try RetryCase(members: members).end() == end)
    }

    @Test("The host's number of retries replaces Sidekiq's 25 where a job names none")
    func standardRetries() throws {
        let rules = RetryRules(standardRetries: 2)
        #expect(try RetryCase(members: #""retry":true,"retry_count":0"#, rules: rules).end() == "retry")
        #expect(try RetryCase(members: #""retry":true,"retry_count":1"#, rules: rules).end() == "dead")
        #expect(try RetryCase(members: #""retry":9,"retry_count":1"#, rules: rules).end() == "retry")
    }

    @Test("The type's options count where the payload says nothing, and only there")
    func typeOptions() throws {
        let patient = JobDefinition(Patient.self)
        #expect(try RetryCase(members: #""retry_count":0"#, definition: patient).end() == "retry")
        #expect(try RetryCase(members: #""retry_count":1"#, definition: patient).end() == "dead")
        #expect(try RetryCase(members: #""retry":true,"retry_count":1"#, definition: patient).end() == "retry")
        #expect(try RetryCase(definition: JobDefinition(NeverAgain.self)).end() == "discard")
        #expect(try RetryCase(members: #""retry":true"#, definition: JobDefinition(NeverAgain.self)).end() == "retry")
        let hour = JobDefinition(ForAnHour.self)
        #expect(
            try RetryCase(members: #""retry_count":400,"failed_at":1799999000000"#, definition: hour).end() == "retry"
        )
        #expect(try RetryCase(members: #""retry_count":4,"failed_at":1799996000000"#, definition: hour).end() == "dead")
    }

    @Test(
        "`retry_for` ends by time, and then the count does not matter",
        arguments: [
            (#""retry_for":60"#, "retry"),
            (#""retry_for":1000,"failed_at":1799999000000,"retry_count":90"#, "retry"),
            (#""retry_for":999,"failed_at":1799999000000,"retry_count":1"#, "dead"),
            (#""retry_for":999,"failed_at":1799999000.0,"retry_count":1"#, "dead"),
            (#""retry_for":1001,"failed_at":1799999000.0,"retry_count":1,"retry":1"#, "retry"),
            (#""retry_for":60,"retry":false"#, "discard"),
            (#""retry_for":99999999999999999,"failed_at":1,"retry_count":5000"#, "dead"),
            (#""retry_for":60,"failed_at":1e300,"retry_count":5"#, "retry"),
        ]
    )
    func retryFor(_ members: String, _ end: String) throws {
        #expect(try RetryCase(members: members).end() == end)
    }

    @Test("The queue is the one it was claimed from, or `retry_queue`")
    func retryQueue() throws {
        #expect(try RetryCase(queue: "claimed").kept().queue == "claimed")
        #expect(try RetryCase(members: #""retry_queue":"low""#, queue: "claimed").kept().queue == "low")
        #expect(try RetryCase(members: #""retry":0,"retry_queue":"low""#).kept().queue == "low")
    }

    @Test("`dead: false` keeps nothing of an exhausted job, and the job's hook is called all the same")
    func deadIsFalse() throws {
        let verdict = try RetryCase(members: #""retry":0,"dead":false"#).verdict()
        guard case .discard(failed: true) = verdict.outcome else { return #expect(Bool(false), "it is kept") }
        #expect(verdict.isExhausted)
        #expect(try RetryCase(members: #""retry":0,"dead":true"#).end() == "dead")
        #expect(try RetryCase(members: #""retry":3,"dead":false"#).end() == "retry")
    }

    @Test("A type chooses: to the dead set, gone, or a delay of its own with Sidekiq's jitter")
    func choices() throws {
        let killing = try RetryCase(definition: JobDefinition(Killing.self)).verdict()
        guard case .dead = killing.outcome, killing.isExhausted else { return #expect(Bool(false), "it lives") }
        #expect(try RetryCase(members: #""dead":false"#, definition: JobDefinition(Killing.self)).end() == "discard")
        #expect(try RetryCase(definition: JobDefinition(Discarding.self)).end() == "discard")
        guard
            case .retry(_, let delay) = try RetryCase(
                members: #""retry_count":1"#,
                definition: JobDefinition(Slow.self)
            )
            .verdict().outcome
        else { return #expect(Bool(false), "no retry") }
        #expect((Duration.seconds(1_002)..<Duration.seconds(1_032)).contains(delay))
    }

    @Test("The type is asked only while attempts are left, as in Sidekiq: an exhausted job is not discarded by it")
    func exhaustedComesFirst() throws {
        #expect(try RetryCase(members: #""retry":0"#, definition: JobDefinition(Discarding.self)).end() == "dead")
    }

    @Test("A job may ask for its death")
    func killedByItself() throws {
        let failure = Failure(JobKilled(reason: "no such customer"), kills: true)
        let kept = try RetryCase(failure: failure).kept()
        #expect(kept.text.contains(#""error_message":"no such customer""#))
        #expect(try RetryCase(failure: failure).end() == "dead")
        #expect(try RetryCase(members: #""retry":false"#, failure: failure).end() == "dead")
        #expect(try RetryCase(members: #""dead":false"#, failure: failure).end() == "discard")
    }

    @Test(
        "A class that nobody knows here is retried as the payload says, and never dropped",
        arguments: [
            ("", "retry"), (#""retry":false"#, "dead"), (#""retry":0"#, "dead"), (#""retry":3"#, "retry"),
            (#""retry":0,"dead":false"#, "dead"), (#""retry":true,"retry_count":24"#, "dead"),
        ]
    )
    func unknownClass(_ members: String, _ end: String) throws {
        #expect(try RetryCase(members: members, definition: nil).end() == end)
    }

    @Test(
        "A backtrace is kept as far as the job wants it",
        arguments: [
            ("", nil), (#""backtrace":false"#, nil), (#""backtrace":true"#, ["one", "two", "three"]),
            (#""backtrace":2"#, ["one", "two"]), (#""backtrace":99999999999999999999"#, ["one", "two", "three"]),
            (#""backtrace":0"#, nil), (#""backtrace":-1"#, nil),
        ] as [(String, [String]?)]
    )
    func backtrace(_ members: String, _ lines: [String]?) throws {
        let kept = try RetryCase(members: members, failure: Failure(Traced())).kept()
        if let lines {
            #expect(kept.text.contains(#""error_backtrace":"\#(PayloadEdits.packed(lines))""#))
        } else {
            #expect(!kept.text.contains("error_backtrace"))
        }
    }
}
