import Testing

@testable import Wingman

@Suite("A payload is read in place")
struct JobPayloadTests {
    @Test("Every known member of a real Sidekiq 8 payload is found")
    func realPayload() throws {
        let text =
            #"{"retry":10,"queue":"scan","wrapped":"Scan::Job","args":[{"job_class":"Scan::Job"},[2,null]],"#
            + #""class":"Sidekiq::ActiveJob::Wrapper","jid":"e9a9a1ea9689c63855aee695","created_at":1783971858298,"#
            + #""enqueued_at":1783971858300,"failed_at":1783971859.5,"retry_count":0,"retried_at":1783971860,"#
            + #""tags":["a","b\n",7],"bid":"b1","display_class":"Scan","retry_for":3600,"retry_queue":"low","#
            + #""backtrace":20,"dead":false,"timeout":1.5,"at":1783971999.25,"x":{"y":1.0}} "#
        let payload = try JobPayload(Array(text.utf8))
        #expect(payload.className == "Sidekiq::ActiveJob::Wrapper")
        #expect(payload.wrappedClassName == "Scan::Job")
        #expect(payload.displayClassName == "Scan")
        #expect(payload.jobID == "e9a9a1ea9689c63855aee695")
        #expect(payload.queue == "scan")
        #expect(payload.retryQueue == "low")
        #expect(payload.batchID == "b1")
        #expect(String(decoding: payload.arguments, as: UTF8.self) == #"[{"job_class":"Scan::Job"},[2,null]]"#)
        #expect(payload.retry == .limited(10))
        #expect(payload.retryCount == 0)
        #expect(payload.retryFor == .seconds(3600))
        #expect(payload.timeout == .milliseconds(1500))
        #expect(payload.backtrace == .lines(20))
        #expect(payload.goesToDeadSet == false)
        #expect(payload.tags == ["a", "b\n"])
        #expect(payload.createdAt == SidekiqTime(milliseconds: 1_783_971_858_298))
        #expect(payload.enqueuedAt == SidekiqTime(milliseconds: 1_783_971_858_300))
        #expect(payload.failedAt == SidekiqTime(milliseconds: 1_783_971_859_500))
        #expect(payload.retriedAt == SidekiqTime(milliseconds: 1_783_971_860_000))
        #expect(payload.due == SidekiqTime(seconds: 1_783_971_999.25))
        #expect(payload.bytes == Array(text.utf8))
    }

    @Test("What is absent reads as the default")
    func minimalPayload() throws {
        let payload = try JobPayload(Array(#"{"class":"A","args":[]}"#.utf8))
        #expect(payload.jobID == nil)
        #expect(payload.queue == nil)
        #expect(payload.retry == nil)
        #expect(payload.retryCount == nil)
        #expect(payload.backtrace == .none)
        #expect(payload.goesToDeadSet)
        #expect(payload.tags.isEmpty)
        #expect(payload.timeout == nil)
        #expect(payload.createdAt == nil)
    }

    @Test("The last of two members of one name wins, and a key may be escaped")
    func duplicates() throws {
        let text = #"{"class":1,"args":[1],"cl\u0061ss":"B","args":[2],"\u006aid":"\u0041"}"#
        let payload = try JobPayload(Array(text.utf8))
        #expect(payload.className == "B")
        #expect(String(decoding: payload.arguments, as: UTF8.self) == "[2]")
        #expect(payload.jobID == "A")
    }

    @Test(
        "Bytes that are no job are refused with a code and an offset",
        arguments: [
            ("", PayloadError.Code.notJSON, 0), ("{]", .notJSON, 1), ("[1]", .notAnObject, 0), (" 7", .notAnObject, 1),
            ("null", .notAnObject, 0), (#""x""#, .notAnObject, 0), ("{}", .missingMember, 0),
            (#"{"class":"A"}"#, .missingMember, 0), (#"{"args":[]}"#, .missingMember, 0),
            (#"{"class":7,"args":[]}"#, .wrongType, 9), (#"{"class":"A","args":{}}"#, .wrongType, 20),
            (#"{"class":"","args":[]}"#, .wrongType, 9), (#"{"class":null,"args":[]}"#, .wrongType, 9),
            (#"{"class":"A","args":[]}x"#, .notJSON, 23), (#"[1"#, .notJSON, 2),
        ]
    )
    func refusals(text: String, code: PayloadError.Code, offset: Int) {
        let error = #expect(throws: PayloadError.self) { try JobPayload(Array(text.utf8)) }
        #expect(error?.code == code)
        #expect(error?.offset == offset)
    }

    @Test("An error says what is wrong and where, and nothing of what is inside")
    func errorText() {
        let error = #expect(throws: PayloadError.self) {
            try JobPayload(Array(#"{"class":"A","args":"secret"}"#.utf8))
        }
        let expected =
            #"The job's payload cannot be used: the member "args" must be an array, found a string (byte 20)."#
        #expect(error?.description == expected)
    }

    @Test(
        "The member retry is read as Ruby reads it",
        arguments: [
            ("true", .enabled), ("false", .disabled), ("null", nil), ("0", .limited(0)), ("25", .limited(25)),
            (#""5""#, .enabled), ("-3", .limited(0)), ("1.5", .enabled), ("[]", .enabled),
            ("99999999999999999999999", .limited(1_000_000_000)),
        ] as [(String, JobPayload.Retry?)]
    )
    func retry(json: String, expected: JobPayload.Retry?) throws {
        let payload = try JobPayload(Array(#"{"class":"A","args":[],"retry":\#(json)}"#.utf8))
        #expect(payload.retry == expected)
    }

    @Test(
        "Members of senseless types and sizes read as absent or bounded",
        arguments: ["{}", "[]", #""x""#, "true", "null", "-1", "1e999", "99999999999999999999999999999999", "0.5"]
    )
    func nonsense(json: String) throws {
        let keys = [
            "retry_count", "retry_for", "timeout", "backtrace", "dead", "tags", "created_at", "at", "bid", "jid",
        ]
        let members = keys.map { #""\#($0)":\#(json)"# }.joined(separator: ",")
        let payload = try JobPayload(Array(#"{"class":"A","args":[],\#(members)}"#.utf8))
        #expect((payload.retryCount ?? 0).magnitude <= 1_000_000_000)
        #expect((payload.retryFor ?? .zero) <= .seconds(1_000_000_000))
        #expect((payload.timeout ?? .zero) <= .seconds(1_000_000_000))
        #expect(payload.tags.isEmpty)
        _ = (payload.backtrace, payload.goesToDeadSet, payload.createdAt, payload.due, payload.batchID, payload.jobID)
    }
}
