import Testing

@testable import Wingman

@Suite("Middleware reads and changes members that Wingman does not know")
struct PayloadMiddlewareTests {
    struct Locale: Codable, Equatable {
        var language: String
        var region: String?
    }

    @Test("A member is read, set and removed")
    func members() throws {
        let text = #"{"class":"A","args":[1.0],"locale":"old","x":null,"locale":{"language":"de"}}"#
        let payload = try JobPayload(Array(text.utf8))
        #expect(try payload.member("locale") == Locale(language: "de"))
        #expect(try payload.member("x", as: Int.self) == nil)
        #expect(try payload.member("y", as: Int.self) == nil)

        let changed = try payload.setting("locale", to: Locale(language: "en", region: "GB")).setting("n", to: 7)
        let expected = #"{"class":"A","args":[1.0],"locale":{"language":"en","region":"GB"},"x":null,"n":7}"#
        #expect(String(decoding: changed.bytes, as: UTF8.self) == expected)
        #expect(try changed.removing("x").removing("locale").bytes == Array(#"{"class":"A","args":[1.0],"n":7}"#.utf8))
    }

    @Test("What would be no job, or has no JSON form, is refused")
    func refusals() throws {
        let payload = try JobPayload(Array(#"{"class":"A","args":[],"x":"secret"}"#.utf8))
        #expect(throws: PayloadError.self) { try payload.setting("class", to: 7) }
        #expect(throws: PayloadError.self) { try payload.removing("args") }
        #expect(throws: ArgumentError.self) { try payload.setting("x", to: Double.nan) }
        let error = #expect(throws: ArgumentError.self) { try payload.member("x", as: Int.self) }
        #expect(error?.description == #"Property "x": expected an integer, found a string."#)
    }
}
