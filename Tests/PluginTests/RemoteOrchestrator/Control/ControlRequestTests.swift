import Testing
import Wingman

@testable import WingmanRemoteOrchestrator

@Suite("A control request")
struct ControlRequestTests {
    @Test("is read as it was written", arguments: ControlRequest.Command.allCases)
    func roundTrip(command: ControlRequest.Command) throws {
        let request = ControlRequest(command, client: "c/\n", id: "i", replyTo: "replies:1")
        #expect(try ControlRequest.parse(try request.bytes(), replyPrefixes: ["replies:"]) == request)
    }

    @Test(
        "that nobody may be answered for is refused without an answer",
        arguments: [
            "", "[]", #"{"command":"ping"}"#, #"{"command":"ping","reply_to":"requests"}"#,
            #"{"command":"ping","reply_to":"replies:"}"#, #"{"command":"ping","reply_to":7}"#,
            #"{"command":"ping","reply_to":"queue:default"}"#,
        ]
    )
    func unanswered(text: String) {
        #expect(Self.fault(text)?.replyTo == nil)
        #expect(Self.fault(text) != nil)
    }

    @Test(
        "that cannot be carried out is answered with the reason",
        arguments: [
            (#"{"reply_to":"replies:1"}"#, "the command is none of ping, stats, tree, quiet, pause, resume, cancel"),
            (#"{"command":"stop","reply_to":"replies:1"}"#, "the command is none of"),
            (#"{"command":"pause","reply_to":"replies:1"}"#, #"pause needs a member "client", a string"#),
            (#"{"command":"resume","client":"","reply_to":"replies:1"}"#, #"resume needs a member "client""#),
            (#"{"command":"cancel","id":7,"reply_to":"replies:1"}"#, #"cancel needs a member "id""#),
        ]
    )
    func answered(text: String, message: String) {
        let fault = Self.fault(text)
        #expect(fault?.replyTo == "replies:1")
        #expect(fault?.message.hasPrefix(message) == true, "\(fault?.message ?? "")")
    }

    @Test("of any size and depth is read without harm")
    func hostile() {
        #expect(Self.fault(String(repeating: "[", count: 100_000)) != nil)
        let large = #"{"command":"ping","reply_to":"replies:1","x":"\#(String(repeating: "x", count: 1 << 16))"}"#
        #expect(Self.fault(large) != nil)
    }

    private static func fault(_ text: String) -> ControlFault? {
        do throws(ControlFault) {
            _ = try ControlRequest.parse(Array(text.utf8), replyPrefixes: ["replies:"])
            return nil
        } catch {
            return error
        }
    }
}

@Suite("A control answer")
struct ControlAnswerTests {
    private let process = ProcessID(rawValue: "host:1:ab")

    @Test("is read as it was written")
    func good() throws {
        let bytes = try ControlAnswer.bytes(PingBody(pid: 7, isQuiet: true), from: self.process)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"body":{"is_quiet":true,"pid":7},"process":"host:1:ab","status":"ok"}"#
        )
        let answer = try #require(ControlDesk.Answer(bytes))
        #expect(answer.process == "host:1:ab")
        #expect(answer.failure == nil)
        #expect(answer.decoded(PingBody.self) == PingBody(pid: 7, isQuiet: true))
        #expect(answer.decoded(CancelBody.self) == nil)
    }

    @Test("that is a refusal says why")
    func bad() throws {
        let bytes = try ControlAnswer.bytes(failure: "bad_request", "no such command", from: self.process)
        let answer = try #require(ControlDesk.Answer(bytes))
        #expect(answer.body == nil)
        #expect(answer.failure == "no such command")
    }

    @Test("that is none is passed over", arguments: ["", "[]", "{}", #"{"status":"ok","body":1}"#])
    func none(text: String) {
        #expect(ControlDesk.Answer(Array(text.utf8)) == nil)
    }
}

@Suite("Statistics for people")
struct StatisticsTextTests {
    @Test("name every client with what it did")
    func text() {
        let mailer = OrchestratorStatistics.Client(
            lanes: "ordered",
            service: "running",
            isOwner: true,
            isPaused: true,
            inFlight: 1,
            accepted: 14,
            handled: ["done": 10, "dead": 1, "repeated": 2]
        )
        let audit = OrchestratorStatistics.Client(
            service: "parked",
            isOwner: false,
            isPaused: false,
            inFlight: 0,
            accepted: 0,
            handled: [:]
        )
        let statistics = OrchestratorStatistics(
            list: "requests",
            isQuiet: false,
            isRouter: true,
            routed: 13,
            redelivered: 2,
            lostLeases: 0,
            deadLetters: ["max_attempts": 1],
            clients: ["mailer": mailer, "audit": audit]
        )
        #expect(
            StatisticsText.lines(statistics, of: "host:1:a\u{1b}b") == [
                "host:1:a?b, routes",
                "list requests: routed 13; came again 2; leases lost 0; dead letters max_attempts 1",
                "CLIENT  LANES    STATE              ACCEPTED  IN FLIGHT  DONE  RETRIED  DEAD  GIVEN BACK  OTHER",
                "audit   -        parked, elsewhere         0          0     0        0     0           0      0",
                "mailer  ordered  running, paused          14          1    10        0     1           0      2",
            ]
        )
    }
}
