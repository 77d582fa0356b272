import TestSupport
import Testing

@testable import Wingman

private struct Snoozing: Job {
    var seconds: Int64
    func perform(_ context: JobContext) async throws { throw JobControl.snooze(for: .seconds(self.seconds)) }
}

private struct GivingUp: Job {
    func perform(_ context: JobContext) async throws { throw JobControl.discard(reason: "no use") }
}

private struct Dying: Job {
    static let options = JobOptions(retry: .off)
    func perform(_ context: JobContext) async throws { throw JobControl.kill(reason: "gone") }
}

private struct LastWords: Job {
    func perform(_ context: JobContext) async throws { throw Breakage() }
    static func exhausted(_ context: JobContext, error: any Error) async {
        (try? context.value(Notes<String>.self))?.add("\(context.jobID) \(context.attempt) \(error)")
    }
}

private struct Wrapping: ServerMiddleware {
    let name: String
    let notes: Notes<String>
    var fails = false

    func perform(_ context: JobContext, next: @Sendable () async throws -> Void) async throws {
        self.notes.add("before \(self.name)")
        if self.fails { throw Breakage() }
        try await next()
        self.notes.add("after \(self.name)")
    }
}

private struct ExecutionFixture {
    let statistics = ExecutionStatistics()
    let notes = Notes<String>()
    let execution: Execution

    init(_ middleware: (Notes<String>) -> [any ServerMiddleware] = { _ in [] }) throws {
        var values = SharedValues()
        values.put(self.notes)
        self.execution = Execution(
            registry: try JobRegistry(
                JobList {
                    Nothing.self
                    Failing.self
                    Snoozing.self
                    GivingUp.self
                    Dying.self
                    LastWords.self
                }
            ),
            middleware: middleware(self.notes),
            environment: .sample(ScriptedStore(), values: values),
            retries: RetryRules(),
            statistics: self.statistics
        )
    }

    func run(_ json: String, _ reason: CancelReason? = nil) async -> Outcome {
        let claimed = Claimed(token: Token(rawValue: "t"), source: .queue("claimed"), payload: Array(json.utf8))
        return await self.execution.run(self.execution.prepare(claimed)) { reason }
    }
}

@Suite("One execution")
struct ExecutionTests {
    @Test("A job that returns is done")
    func done() async throws {
        let fixture = try ExecutionFixture()
        guard case .done = await fixture.run(#"{"class":"Nothing","args":[]}"#) else {
            return #expect(Bool(false), "not done")
        }
        #expect(fixture.statistics.report().map(\.failed) == [0])
    }

    @Test("A job that throws is retried; wrong arguments are a failure like any other")
    func failures() async throws {
        let fixture = try ExecutionFixture()
        for json in [#"{"class":"Failing","args":[]}"#, #"{"class":"Snoozing","args":["x"]}"#] {
            guard case .retry(let payload, _) = await fixture.run(json) else {
                return #expect(Bool(false), "not retried")
            }
            #expect(try JobPayload(payload).queue == "claimed")
        }
        #expect(fixture.statistics.report().map(\.failed) == [1, 1])
    }

    @Test("Bytes that are no job go to the dead set", arguments: ["{", "[]", "7", "", #"{"class":7,"args":[]}"#])
    func malformed(_ json: String) async throws {
        guard case .dead(let payload) = try await ExecutionFixture().run(json) else {
            return #expect(Bool(false), "not dead")
        }
        #expect(payload == Malformed.keep(Array(json.utf8)))
    }

    @Test("An unknown class is kept, with an error that says what to do")
    func unknownClass() async throws {
        let fixture = try ExecutionFixture()
        guard case .dead(let payload) = await fixture.run(#"{"class":"Novel","args":[],"retry":false,"dead":false}"#)
        else { return #expect(Bool(false), "not kept") }
        #expect(payload.text.contains(#""error_class":"UnknownJobClass""#))
        #expect(payload.text.contains("add the type to `jobs`"))
    }

    @Test("What a job throws after we cancelled it for a stop or a fence is no failure")
    func interrupted() async throws {
        let fixture = try ExecutionFixture()
        for reason in [CancelReason.stop, .fence] {
            guard case .interrupted = await fixture.run(#"{"class":"LastWords","args":[],"retry":0}"#, reason) else {
                return #expect(Bool(false), "not interrupted")
            }
        }
        #expect(!fixture.statistics.hasFigures)
        #expect(fixture.notes.all.isEmpty)
    }

    @Test("A job that was too slow fails with JobTimeout, whatever it throws")
    func timeout() async throws {
        let outcome = try await ExecutionFixture().run(#"{"class":"GivingUp","args":[],"timeout":5}"#, .timeout)
        guard case .retry(let payload, _) = outcome else { return #expect(Bool(false), "not retried") }
        #expect(payload.text.contains(#""error_class":"JobTimeout""#))
        #expect(payload.text.contains("5.0 s"))
    }

    @Test(
        "A snooze is no failure and counts no attempt; senseless delays are bounded",
        arguments: [(60, 60), (-5, 0), (Int64.max, 1_000_000_000)]
    )
    func snooze(_ seconds: Int64, _ expected: Int64) async throws {
        let fixture = try ExecutionFixture()
        let json = #"{"class":"Snoozing","args":[\#(seconds)],"retry_count":2,"enqueued_at":1,"x":1.0}"#
        guard case .snooze(let payload, let delay) = await fixture.run(json) else {
            return #expect(Bool(false), "not snoozed")
        }
        #expect(delay == .seconds(expected))
        #expect(payload.text == #"{"class":"Snoozing","args":[\#(seconds)],"retry_count":2,"x":1.0}"#)
        #expect(!fixture.statistics.hasFigures)
    }

    @Test("A job may discard itself or die")
    func controls() async throws {
        let fixture = try ExecutionFixture()
        guard case .discard(failed: false) = await fixture.run(#"{"class":"GivingUp","args":[]}"#) else {
            return #expect(Bool(false), "not discarded")
        }
        guard case .dead(let payload) = await fixture.run(#"{"class":"Dying","args":[]}"#) else {
            return #expect(Bool(false), "not dead")
        }
        #expect(payload.text.contains(#""error_message":"gone""#))
    }

    @Test("The type hears of its last failure, before the job is settled, and of no other")
    func exhausted() async throws {
        let fixture = try ExecutionFixture()
        _ = await fixture.run(#"{"class":"LastWords","args":[],"retry":2,"retry_count":0,"jid":"j"}"#)
        #expect(fixture.notes.all.isEmpty)
        _ = await fixture.run(#"{"class":"LastWords","args":[],"retry":2,"retry_count":1,"jid":"j"}"#)
        #expect(fixture.notes.all == ["j 3 it broke"])
    }

    @Test("Middleware wraps the job, outermost first, and its error is the job's")
    func middleware() async throws {
        let fixture = try ExecutionFixture { [Wrapping(name: "a", notes: $0), Wrapping(name: "b", notes: $0)] }
        _ = await fixture.run(#"{"class":"Nothing","args":[]}"#)
        #expect(fixture.notes.all == ["before a", "before b", "after b", "after a"])
        let failing = try ExecutionFixture {
            [Wrapping(name: "a", notes: $0), Wrapping(name: "b", notes: $0, fails: true)]
        }
        guard case .retry = await failing.run(#"{"class":"Nothing","args":[]}"#) else {
            return #expect(Bool(false), "not failed")
        }
        #expect(failing.notes.all == ["before a", "before b"])
    }

    @Test("A wrapped job is counted under its own class")
    func wrapped() async throws {
        let fixture = try ExecutionFixture()
        _ = await fixture.run(#"{"class":"Nothing","args":[],"wrapped":"Mail::Job"}"#)
        #expect(fixture.statistics.report().map(\.jobClass) == ["Mail::Job"])
    }
}

@Suite("What the store is told of an outcome")
struct OutcomeTests {
    @Test("Each outcome has its tally, and an interruption counts for nothing")
    func tallies() {
        let token = Token(rawValue: "t")
        let outcomes: [(Outcome, Tally)] = [
            (.done, .processed), (.retry(payload: [], delay: .zero), .failed),
            (.snooze(payload: [], delay: .zero), .processed), (.dead(payload: []), .failed),
            (.discard(failed: true), .failed), (.discard(failed: false), .processed), (.interrupted, .none),
        ]
        for (outcome, tally) in outcomes {
            let settlement = outcome.settlement(of: token)
            #expect(settlement.token == token)
            #expect(settlement.tally == tally)
        }
        guard case .giveBack = Outcome.interrupted.settlement(of: token).disposition else {
            return #expect(Bool(false), "not given back")
        }
    }
}
