import Testing

@testable import Wingman

@Suite("The scanner accepts what RFC 8259 does, and nothing else")
struct JSONScannerTests {
    @Test(
        "Valid texts pass",
        arguments: [
            "{}", "[]", " \t\r\n[ ] \n", "0", "-0", "-0.0", "1e5", "1E+5", "1.25e-7", "true", "false", "null", #""""#,
            #""a\"\\\/\b\f\n\r\tb""#, #""\u00e9\uD83D\uDE00""#, #""\ud800""#, "\"é😀\u{7F}\u{2028}\"",
            #"{"a":{"b":[1,2,{"c":null}]},"a":1,"":2}"#, "[1,2 , 3]", "\"12345678901234567890\"",
            "123456789012345678901234567890.123456789012345678901234567890e9999999999",
        ]
    )
    func validTexts(text: String) throws {
        try JSONText.validate(Array(text.utf8))
    }

    @Test(
        "Invalid texts are refused at the byte that is wrong",
        arguments: [
            ("", JSONError.Reason.empty, 0), ("   ", .empty, 3), ("{", .keyExpected, 1), ("[", .empty, 1),
            ("[1", .commaOrBracketExpected, 2), ("[1,]", .valueExpected, 3), ("[,1]", .valueExpected, 1),
            (#"{"a"}"#, .colonExpected, 4), (#"{"a":}"#, .valueExpected, 5), (#"{"a":1,}"#, .keyExpected, 7),
            (#"{"a":1 "b":2}"#, .commaOrBraceExpected, 7), ("{a:1}", .keyExpected, 1), ("{'a':1}", .keyExpected, 1),
            ("01", .endExpected, 1), ("+1", .valueExpected, 0), (".5", .valueExpected, 0), ("1.", .badNumber, 0),
            ("-", .badNumber, 0), ("1e", .badNumber, 0), ("1e+", .badNumber, 0), ("0x10", .endExpected, 1),
            ("NaN", .valueExpected, 0), ("Infinity", .valueExpected, 0), ("-Infinity", .badNumber, 0),
            ("nul", .badLiteral, 0), ("nulL", .badLiteral, 0), ("truee", .endExpected, 4), ("1 2", .endExpected, 2),
            (#""abc"#, .unterminatedString, 0), (#""a\"#, .badEscape, 2), (#""\x41""#, .badEscape, 1),
            (#""\u12g4""#, .badEscape, 1), (#""\u123"#, .badEscape, 1), ("\"a\tb\"", .controlCharacter, 2),
            ("\"0123456789\u{1F}\"", .controlCharacter, 11), ("[1]/* */", .endExpected, 3), ("{}}", .endExpected, 2),
            ("\u{FEFF}{}", .valueExpected, 0), ("\u{0}", .valueExpected, 0), ("[1\u{0}]", .commaOrBracketExpected, 2),
        ]
    )
    func invalidTexts(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(reason, at: offset)) { try JSONText.validate(Array(text.utf8)) }
    }

    @Test(
        "Strings that are not UTF-8 are refused",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80], [0xE2, 0x82],
            [0xE2, 0x82, 0x20], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError(.badUTF8, at: 1)) { try JSONText.validate([0x22] + bytes + [0x22]) }
        #expect(throws: JSONError.self) { try JSONText.validate([0x22] + bytes) }
    }

    @Test("A hundred levels pass, as in Ruby, and one more does not")
    func depth() throws {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        try JSONText.validate(nested(100))
        #expect(throws: JSONError(.tooDeep, at: 100)) { try JSONText.validate(nested(101)) }
        #expect(throws: JSONError(.tooDeep, at: 100)) { try JSONText.validate(Array(repeating: 0x5B, count: 100_000)) }
        let objects = String(repeating: #"{"a":"#, count: 200)
        #expect(throws: JSONError(.tooDeep, at: 500)) { try JSONText.validate(Array(objects.utf8)) }
    }

    @Test(
        "Strings are decoded with their escapes",
        arguments: [
            (#""""#, ""), (#""plain é""#, "plain é"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude00!""#, "😀!"), (#""\ud800x""#, "\u{FFFD}x"),
            (#""\udc00""#, "\u{FFFD}"), (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"),
            (#""\u0000""#, "\0"),
        ]
    )
    func decoding(literal: String, text: String) throws {
        try JSONText.validate(Array(literal.utf8))
        #expect(JSONString.decode(ArraySlice(literal.utf8)) == text)
    }

    @Test("Every byte position of a quote, escape or control character is found behind plain text")
    func strideBoundaries() throws {
        for length in 0..<40 {
            let plain = String(repeating: "x", count: length)
            try JSONText.validate(Array("\"\(plain)\"".utf8))
            try JSONText.validate(Array("\"\(plain)\\n\(plain)é\(plain)\"".utf8))
            #expect(throws: JSONError(.controlCharacter, at: length + 1)) {
                try JSONText.validate(Array("\"\(plain)\u{1F}\(plain)\"".utf8))
            }
        }
    }
}
