import Foundation
import Logging
import Testing
import Wingman

@testable import WingmanRemoteOrchestrator

@Suite("A route")
struct RouteRulesTests {
    private func rules(_ unknown: UnknownClients = .dead) -> RouteRules {
        var options = OrchestratorOptions()
        options.unknownClients = unknown
        return RouteRules(
            options: options,
            burial: Burial(
                names: options.names,
                origin: DeadLetter.Origin(list: "requests", process: "p"),
                limits: options.limits
            ),
            isKnown: { $0 == "mailer" }
        )
    }

    private func decide(_ text: String, _ unknown: UnknownClients = .dead) -> RouteRules.Decision {
        self.rules(unknown).decide(Array(text.utf8), now: 9) { "made" }
    }

    @Test(
        "leads to the list of the client and of the priority",
        arguments: [
            ("", "requests:lane:mailer"), (#","priority":4"#, "requests:lane:mailer"),
            (#","priority":6"#, "requests:lane:mailer"), (#","priority":7"#, "requests:lane:mailer:high"),
            (#","priority":9"#, "requests:lane:mailer:high"), (#","priority":3"#, "requests:lane:mailer:low"),
            (#","priority":0"#, "requests:lane:mailer:low"),
        ]
    )
    func lanes(members: String, list: String) throws {
        let text = #"{"client":"mailer","body":1\#(members)}"#
        let decision = self.decide(text)
        guard case .append(list, let bytes) = decision.destination else {
            Issue.record("\(decision)")
            return
        }
        #expect(try Parcel(bytes) == Parcel(id: "made", received: 9, raw: Array(text.utf8)))
        #expect(decision.client == "mailer" && decision.reason == nil && decision.effects == [])
    }

    @Test("keeps the sender's name of a message")
    func ownID() throws {
        guard case .append(_, let bytes) = self.decide(#"{"client":"mailer","body":1,"id":"mine"}"#).destination else {
            Issue.record("not routed")
            return
        }
        #expect(try Parcel(bytes).id == "mine")
    }

    @Test("tells messages of one id from each other, if they have an idempotency key")
    func nonce() throws {
        for (members, nonce) in [
            (#","id":"a","idempotency_key":"k""#, "made" as String?), (#","id":"a""#, nil),
            (#","idempotency_key":"k""#, nil),
        ] {
            guard case .append(_, let bytes) = self.decide(#"{"client":"mailer","body":1\#(members)}"#).destination
            else {
                Issue.record("not routed")
                continue
            }
            let parcel = try Parcel(bytes)
            #expect(parcel.nonce == nonce)
            #expect(parcel.holder == nonce ?? parcel.id)
        }
    }

    @Test("leaves what other lists keep alone: each has keys of its own, the default one short names")
    func keys() {
        let (short, other) = (OrchestratorKeys(), OrchestratorKeys(list: "orders"))
        #expect(short.paused == StoreKey("orchestrator", "paused"))
        #expect(other.paused == StoreKey("orchestrator", "list/orders/paused"))
        #expect(OrchestratorNames(list: "orders").keys == other)
        #expect(OrchestratorNames(list: "requests").keys == short)
        let all = [short, other].flatMap {
            [$0.paused, $0.held, $0.later, $0.owner("router"), $0.attempts("a", of: "m"), $0.idempotency("a", of: "m")]
        }
        #expect(Set(all).count == 12)
    }

    @Test("of what cannot be read leads to the dead letters, with the bytes as they came")
    func dead() throws {
        for (text, reason) in [
            ("", "bad_json"), ("[]", "not_object"), (#"{"client":"nobody","body":1}"#, "unknown_client"),
        ] {
            let decision = self.decide(text)
            guard case .append("requests:dead", let bytes) = decision.destination else {
                Issue.record("\(decision)")
                continue
            }
            let letter = try DeadLetter(json: bytes)
            #expect(letter.reason == reason && letter.message == Array(text.utf8))
            #expect(decision.client == nil && decision.reason?.rawValue == reason)
        }
    }

    @Test("that ends at once tells those who wait, unless they may not be written to")
    func replies() {
        let decision = self.decide(#"{"client":"nobody","body":1,"id":"a","reply_to":"replies:1"}"#)
        let reply =
            #"{"id":"a","status":"error","error":{"code":"unknown_client","message":"no service of any "#
            + #"process has the name of the client","retryable":false}}"#
        #expect(
            decision.reply == [.append(list: "replies:1", payload: Array(reply.utf8), expiry: .seconds(60))]
        )
        let bad = self.decide(#"{"client":"mailer","body":1,"reply_to":"wingman:leases"}"#)
        #expect(bad.reason == .badReplyTo && bad.reply == [])
    }

    @Test("of a client that nobody knows can lead into its own list, to wait there, or to another service")
    func unknown() {
        let text = #"{"client":"later","body":1}"#
        let held = self.decide(text, .hold(for: .seconds(60)))
        #expect(held.client == "later")
        #expect(held.effects == [.insert(StoreKey("orchestrator", "held"), member: Array("later".utf8))])
        let other = self.decide(text, .to("mailer"))
        guard case .append("requests:lane:mailer", _) = other.destination else {
            Issue.record("\(other)")
            return
        }
    }

    @Test("of a message that keeps killing the router leads to the dead letters")
    func crashes() {
        let bytes = Array(#"{"client":"mailer","body":1}"#.utf8)
        #expect(self.rules().decide(bytes, crashes: 2, now: 0).reason == nil)
        #expect(self.rules().decide(bytes, crashes: 3, now: 0).reason == .crashLoop)
    }

    @Test("is taken by many messages at a time, unless they are large")
    func credit() {
        var portion = Portion(most: 500)
        for _ in 0..<10 { portion.took(portion.value, bytes: portion.value * 200) }
        #expect(portion.value == 500)
        portion.took(500, bytes: 500 << 20)
        #expect(portion.value == 8)
        portion.took(1, bytes: 100 << 20)
        #expect(portion.value == 1)
        portion.took(0, bytes: 0)
        #expect(portion.value == 1)
    }

    @Test("goes through one process at a time, told by its health")
    func health() {
        var router = LaneBoard.RouterState()
        #expect(RouterCheck.health(router, owner: "p", now: .seconds(100)) == .healthy)
        #expect(RouterCheck.health(router, owner: nil, now: .seconds(100)).word == "degraded")
        router.busySince = .seconds(69)
        #expect(RouterCheck.health(router, owner: "p", now: .seconds(100)).word == "unhealthy")
        router.busySince = .seconds(71)
        #expect(RouterCheck.health(router, owner: "p", now: .seconds(100)) == .healthy)
    }

    @Test("of dead letters that are too many or too old ends: the oldest go")
    func trim() throws {
        let letter = { (day: Int) in
            Entry(
                payload: DeadLetter(
                    Refusal(.badJSON, ""),
                    message: [],
                    origin: DeadLetter.Origin(list: "l", process: "p"),
                    date: Date(timeIntervalSince1970: Double(day) * 86_400)
                ).bytes
            )
        }
        let letters = (1...6).map(letter) + [Entry(payload: Array("no letter".utf8))]
        let date = Date(timeIntervalSince1970: 3 * 86_400)
        #expect(DeadLetterTrim.superfluous(letters, beyond: 0, olderThan: date) == Array(letters.prefix(2)))
        #expect(DeadLetterTrim.superfluous(letters, beyond: 4, olderThan: date) == Array(letters.prefix(4)))
        #expect(DeadLetterTrim.superfluous(letters, beyond: 7, olderThan: date) == letters)
    }
}

@Suite("A role")
struct RoleAttemptTests {
    let me = ProcessID(rawValue: "me:1:a")
    let key = StoreKey("orchestrator", "owner/router")

    @Test("is taken if nobody has it, if it was ours, and from one that has ended with all it held; else not")
    func attempts() {
        let mine = Array("me:1:a".utf8)
        let free = RoleAttempt(at: OrchestratorKeys().owner("router"), from: nil, by: self.me)
        #expect(free.change == Change(if: [.absent(self.key)], [.put(self.key, mine)]))
        let own = RoleAttempt(at: OrchestratorKeys().owner("router"), from: mine, by: self.me)
        #expect(own.change == Change(if: [.equals(self.key, mine)], [.put(self.key, mine)]))
        let other = Array("you:2:b".utf8)
        let taken = RoleAttempt(at: OrchestratorKeys().owner("router"), from: other, by: self.me)
        let departed = Condition.departed(ProcessID(rawValue: "you:2:b"))
        #expect(taken.change == Change(if: [.equals(self.key, other), departed], [.put(self.key, mine)]))
        #expect(!free.asksForOwner && !own.asksForOwner && taken.asksForOwner)
    }
}

@Suite("The options of the orchestrator")
struct OrchestratorOptionsTests {
    private struct App: WingmanApp {
        var plugin = RemoteOrchestrator()
        var jobs: JobList { JobList() }
        var plugins: PluginList { self.plugin }
    }

    @Test("come from the code, with the rest by default")
    func code() throws {
        let plugin = RemoteOrchestrator(list: "a", routeTimeout: .seconds(1), unknownClients: .hold(for: .seconds(90)))
        let assembly = try Assembly(App(plugin: plugin), mode: .server, logger: .init(label: "test"))
        #expect(plugin.options.names == OrchestratorNames(list: "a", deadLetters: "a:dead"))
        #expect(plugin.options.routeTimeout == .seconds(1))
        #expect(plugin.options.unknownClients == .hold(for: .seconds(90)))
        #expect(plugin.options.deadLetters == DeadLetterLimits(count: 10_000, age: .seconds(2_592_000)))
        #expect(assembly.listings.first?.services.map(\.name).contains("orchestrator") == true)
    }

    @Test("that cannot work are refused")
    func bad() {
        for plugin in [
            RemoteOrchestrator(list: ""), RemoteOrchestrator(deadLetterList: ""),
            RemoteOrchestrator(list: "a", deadLetterList: "a"), RemoteOrchestrator(routeTimeout: .seconds(-1)),
            RemoteOrchestrator(messageLimit: 0), RemoteOrchestrator(replyPrefixes: ["replies:", ""]),
        ] {
            #expect(throws: ConfigurationError.self) {
                try Assembly(App(plugin: plugin), mode: .server, logger: .init(label: "test"))
            }
        }
    }

    @Test(
        "say in a word what becomes of messages for unknown services",
        arguments: [
            ("dead", UnknownClients.dead as UnknownClients?), ("hold:5m", .hold(for: .seconds(300))),
            ("to:mailer", .to("mailer")), ("hold", nil), ("hold:soon", nil), ("to:", nil), ("", nil),
        ]
    )
    func unknownClients(text: String, value: UnknownClients?) {
        #expect(UnknownClients(optionContent: .text(text)) == value)
        if let value { #expect(UnknownClients(optionContent: .text(value.optionText)) == value) }
    }
}
