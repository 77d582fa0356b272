import Testing

@testable import WingmanCommand

@Suite("The arguments of a pushed job")
struct PushRequestTests {
    @Test("are a JSON array", arguments: ["[]", " [1, \"a\", null, {\"b\":[]}] ", "[12345678901234567890]"])
    func sound(text: String) {
        #expect(PushRequest.fault(in: text) == nil)
    }

    @Test("are refused with a reason otherwise", arguments: ["", "{}", "1", "[1", "[1,]", "[1] x", "['a']", "\"a\""])
    func faulty(text: String) {
        #expect(PushRequest.fault(in: text)?.isEmpty == false)
    }
}
