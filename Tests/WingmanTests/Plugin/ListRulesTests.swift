import Testing

@testable import Wingman

@Suite("The rules of a list of plugins")
struct ListRulesTests {
    private typealias Card = ListRules.Card

    @Test("An empty list, and a list in the right order, have no faults")
    func sound() {
        #expect(ListRules([]).faults.isEmpty)
        let cards = [
            Card("metrics"), Card("audit", requires: ["metrics"], after: ["scheduler"], conflicts: ["other"]),
            Card("mail-2_b", after: ["audit"]),
        ]
        #expect(ListRules(cards).faults.isEmpty)
    }

    @Test(
        "A name that cannot be one is refused",
        arguments: ["", "two words", "9lives", "-x", "a.b", "naïve"]
    )
    func badName(_ name: String) {
        #expect(
            ListRules([Card(name)]).faults == [
                "\"\(name)\" cannot be a plugin's name: use letters, digits, - and _, a letter first"
            ]
        )
    }

    @Test("A name of Wingman's own is refused")
    func reserved() {
        #expect(ListRules([Card("app")]).faults == ["\"app\" cannot be a plugin's name: it is Wingman's own"])
    }

    @Test("A plugin that is listed twice is told once for each time too many")
    func duplicates() {
        let faults = ListRules([Card("a"), Card("b"), Card("a"), Card("a")]).faults
        #expect(faults == Array(repeating: "two plugins are named \"a\": list it once", count: 2))
    }

    @Test("A requirement that is not listed is told with what was probably meant, or with what to do")
    func unknownRequirement() {
        let cards = [Card("scheduler"), Card("audit", requires: ["schedular", "mailer"])]
        #expect(
            ListRules(cards).faults == [
                "plugin audit requires plugin \"schedular\", which is not listed, did you mean \"scheduler\"?",
                "plugin audit requires plugin \"mailer\", which is not listed: add it above audit",
            ]
        )
    }

    @Test("An order that contradicts `requires` or `after` is told with the line to move")
    func order() {
        let cards = [Card("audit", requires: ["metrics"], after: ["mailer", "absent"]), Card("mailer"), Card("metrics")]
        #expect(
            ListRules(cards).faults == [
                "plugin audit must stand behind plugin metrics: move the line of audit below that of metrics",
                "plugin audit must stand behind plugin mailer: move the line of audit below that of mailer",
            ]
        )
    }

    @Test("A circle is printed, once, and is not called a wrong order as well")
    func cycle() {
        let cards = [Card("a", requires: ["b"]), Card("b", after: ["c"]), Card("c", requires: ["a"]), Card("d")]
        #expect(
            ListRules(cards).faults == [
                "plugins must stand behind each other in a circle: a → b → c → a: take one requirement out"
            ]
        )
        #expect(
            ListRules([Card("self", after: ["self"])]).faults == [
                "plugins must stand behind each other in a circle: self → self: take one requirement out"
            ]
        )
    }

    @Test("A conflict is told once, whoever declares it")
    func conflicts() {
        let cards = [Card("a", conflicts: ["b", "absent"]), Card("b", conflicts: ["a"])]
        #expect(ListRules(cards).faults == ["plugin a does not work beside plugin b: take one of them out"])
    }

    @Test("Every fault is found at once")
    func everything() {
        let cards = [
            Card("a", requires: ["nobody"]), Card("a"), Card("b", after: ["c"], conflicts: ["a"]), Card("c"),
            Card("!"),
        ]
        #expect(ListRules(cards).faults.count == 5)
    }
}

@Suite("What somebody probably meant")
struct SuggestionTests {
    @Test(
        "is the nearest word, if it is near",
        arguments: [
            ("schedular", "scheduler"), ("Scheduler", "scheduler"), ("shceduler", "scheduler"), ("limti", "limit"),
            ("orchestrator", "orchestrator"), ("route_timeout", "routeTimeout"), ("mailer", nil), ("", nil),
        ] as [(String, String?)]
    )
    func nearest(_ word: String, _ meant: String?) {
        let words = ["scheduler", "limit", "orchestrator", "routeTimeout"]
        #expect(Suggestion.nearest(to: word, among: words) == meant)
        #expect(Suggestion.didYouMean(word, among: words) == (meant.map { ", did you mean \"\($0)\"?" } ?? ""))
    }
}
