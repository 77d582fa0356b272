import Testing

@testable import Wingman

@Suite("Payloads as beats show them")
struct ShownPayloadsTests {
    private static func claimed(_ text: String, _ token: String = "t") -> Claimed {
        Claimed(token: Token(rawValue: token), source: .queue("q"), payload: Array(text.utf8))
    }

    private static let large = String(repeating: "x", count: ShownPayloads.limit)

    @Test("A payload of usual size is shown as it is, and what is no job is not")
    func small() {
        var shown = ShownPayloads()
        let job = #"{"class":"A","args":[1.0, 2],"x":[]}"#
        #expect(shown.payload(of: Self.claimed(job))?.text == job)
        #expect(shown.payload(of: Self.claimed("[1]", "other")) == nil)
    }

    @Test("Of a large one the arguments are left out, and nothing else")
    func large() {
        var shown = ShownPayloads()
        let job = #"{"class":"A","args":["\#(Self.large)"],"jid":"7","x":[]}"#
        let expected = #"{"class":"A","args":["(too large to show)"],"jid":"7","x":[]}"#
        #expect(shown.payload(of: Self.claimed(job))?.text == expected)
    }

    @Test("If that is not enough, only what names the job is left")
    func huge() {
        var shown = ShownPayloads()
        let job = #"{"class":"A","args":[],"jid":"7","note":"\#(Self.large)"}"#
        let expected = #"{"class":"A","jid":"7","args":["(too large to show)"]}"#
        #expect(shown.payload(of: Self.claimed(job))?.text == expected)
    }

    @Test("A job is read once, and forgotten when it has ended")
    func once() {
        var shown = ShownPayloads()
        _ = shown.payload(of: Self.claimed(#"{"class":"A","args":[]}"#))
        let known = shown.payload(of: Self.claimed(#"{"class":"B","args":[]}"#))
        #expect(known?.text.contains("A") == true, "the token is what counts")
        shown.keep([Token(rawValue: "other")])
        let fresh = shown.payload(of: Self.claimed(#"{"class":"B","args":[]}"#))
        #expect(fresh?.text.contains("B") == true)
    }
}
