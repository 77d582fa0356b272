import Foundation
import Testing

@testable import Wingman

@Suite("A job's properties are its positional arguments")
struct JobArgumentsTests {
    struct Thumbnail: Codable, Equatable {
        var imageID: Int
        var size: Int
    }

    struct Nothing: Codable, Equatable {}

    struct Mail: Codable, Equatable {
        var to: String
        var priority: Int8
        var parts: [Part]
        var note: String?

        struct Part: Codable, Equatable {
            var name: String
            var sizes: [String: Double]
        }
    }

    enum Colour: String, Codable { case red, green }

    struct Paint: Codable { var colour: Colour }

    private func encode(_ job: some Codable) throws -> String {
        String(decoding: try JobArguments.encode(job), as: UTF8.self)
    }

    private func decode<Job: Decodable>(_ type: Job.Type, _ json: String) throws -> Job {
        try JobArguments.decode(type, from: Array(json.utf8)[...])
    }

    @Test("Properties become an array in the order of declaration")
    func order() throws {
        #expect(try self.encode(Thumbnail(imageID: 7, size: 64)) == "[7,64]")
        #expect(try self.decode(Thumbnail.self, " [7 , 64 ] ") == Thumbnail(imageID: 7, size: 64))
        #expect(try self.encode(Nothing()) == "[]")
        #expect(try self.decode(Nothing.self, "[]") == Nothing())
    }

    @Test("Missing optionals at the end are nil")
    func trailingOptionals() throws {
        let mail = try self.decode(Mail.self, #"["a@example.org",1,[]]"#)
        #expect(mail == Mail(to: "a@example.org", priority: 1, parts: [], note: nil))
    }

    @Test(
        "What does not fit is an error that names position, property and types, and no value",
        arguments: [
            (
                "[]",
                #"Argument 0 (the 1st), property "to": the argument is missing and not optional, found 0 arguments."#
            ),
            (
                #"["secret",1]"#,
                #"Argument 2 (the 3rd), property "parts": the argument is missing and not optional, found 2 arguments."#
            ),
            (
                #"["secret",1,[],null,"secret"]"#,
                "The arguments: Mail takes 4 arguments (to, priority, parts, note), found 5."
            ),
            (#"[4711,1,[]]"#, #"Argument 0 (the 1st), property "to": expected a string, found a number."#),
            (#"[null,1,[]]"#, #"Argument 0 (the 1st), property "to": expected a string, found null."#),
            (
                #"["secret","secret",[]]"#,
                #"Argument 1 (the 2nd), property "priority": expected an integer, found a string."#
            ),
            (
                #"["secret",4711,[]]"#,
                #"Argument 1 (the 2nd), property "priority": expected an integer from -128 to 127, "#
                    + "found a number that is not."
            ),
            (#"["secret",1,{}]"#, #"Argument 2 (the 3rd), property "parts": expected an array, found an object."#),
            (
                #"["secret",1,[{"name":"secret","sizes":{}},{"name":"secret"}]]"#,
                #"Argument 2 (the 3rd), property "parts[1].sizes": the member is missing and not optional."#
            ),
            (
                #"["secret",1,[{"name":"secret","sizes":{"secret":true}}]]"#,
                #"Argument 2 (the 3rd), property "parts[0].sizes.secret": expected a number, found true or false."#
            ),
            (#"["secret",1,[],4711]"#, #"Argument 3 (the 4th), property "note": expected a string, found a number."#),
            (#"{"to":"secret"}"#, "The arguments: they are no JSON array, an array is expected (byte 0)."),
        ]
    )
    func errors(json: String, description: String) {
        let error = #expect(throws: ArgumentError.self) { try self.decode(Mail.self, json) }
        #expect(error?.description == description)
    }

    @Test("An unknown case of an enum is an error without the value")
    func unknownCase() {
        let error = #expect(throws: ArgumentError.self) { try self.decode(Paint.self, #"["secret"]"#) }
        let expected = #"Argument 0 (the 1st), property "colour": the value (a string) is none that Colour takes."#
        #expect(error?.description == expected)
        #expect(error?.code == .notAccepted)
    }

    @Test(
        "JavaScript's numbers are read where they are exact",
        arguments: [("[1.0,64]", 1), ("[1e2,64]", 100), ("[-0.0,64]", 0)]
    )
    func integralFloats(json: String, value: Int) throws {
        #expect(try self.decode(Thumbnail.self, json).imageID == value)
    }

    @Test(
        "A fraction is no integer, and an integer is a fine floating-point number",
        arguments: ["[1.5,1]", "[1e-1,1]"]
    )
    func fractions(json: String) throws {
        let error = #expect(throws: ArgumentError.self) { try self.decode(Thumbnail.self, json) }
        #expect(error?.code == .notAccepted)
        let job = try self.decode(ElementFormatTests.One<Double>.self, "[3]")
        #expect(job.value == 3)
    }

    @Test("A value without a JSON form is an error that names the property")
    func noForm() {
        for value in [Double.nan, .infinity, -.infinity] {
            let error = #expect(throws: ArgumentError.self) {
                try self.encode(ElementFormatTests.One(value: ["a": [1, value]]))
            }
            #expect(error?.code == .notEncodable)
            #expect(error?.property == "value.a[1]")
            #expect(error?.position == 0)
        }
        #expect(throws: ArgumentError.self) { try self.encode(ElementFormatTests.One(value: Date.distantPast * 9)) }
        #expect(throws: ArgumentError.self) { try self.encode(ElementFormatTests.One(value: Decimal.nan)) }
    }

    @Test(
        "Dates are read with any offset and fraction",
        arguments: [
            ("2026-11-22T04:45:00Z", 1_795_322_700.0), ("2026-11-22T05:45:00+01:00", 1_795_322_700),
            ("2026-11-21T23:15:00.5-0530", 1_795_322_700.5),
            ("2026-11-22T04:45:00.123456789Z", 1_795_322_700.123456789),
            ("0000-01-01T00:00:00.000Z", -62_167_219_200), ("9999-12-31T23:59:59.999Z", 253_402_300_799.999),
        ]
    )
    func dates(text: String, seconds: Double) throws {
        let job = try self.decode(ElementFormatTests.One<Date>.self, #"["\#(text)"]"#)
        #expect(job.value == Date(timeIntervalSince1970: seconds))
    }

    @Test(
        "What only looks like a date is refused",
        arguments: [
            "", "2026-11-22", "2026-11-22T04:45:00", "2026-11-22 04:45:00Z", "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-22T24:00:00Z", "2026-11-22T04:45:00.Z", "2026-11-22T04:45:00Zx", "2026-11-22T04:45:00+25:00",
            "+026-11-22T04:45:00Z", "2026-11-00T04:45:00Z", "１２３４-11-22T04:45:00Z",
        ]
    )
    func noDates(text: String) {
        #expect(throws: ArgumentError.self) { try self.decode(ElementFormatTests.One<Date>.self, #"["\#(text)"]"#) }
    }

    @Test("Values nested too deep for Ruby are refused, both ways")
    func depth() throws {
        let deep = Tree.of(depth: 200)
        #expect(throws: ArgumentError.self) { try self.encode(ElementFormatTests.One(value: deep)) }
        let arguments = try JobArguments.encode(ElementFormatTests.One(value: Tree.of(depth: 40)))
        try JSONText.validateArray(arguments)
    }

    /// An array of arrays of arrays …
    struct Tree: Codable {
        var children: [Tree]

        static func of(depth: Int) -> Self {
            (0..<depth).reduce(Self(children: [])) { tree, _ in Self(children: [tree]) }
        }
    }
}

extension Date {
    fileprivate static func * (date: Self, factor: Double) -> Self {
        Date(timeIntervalSince1970: date.timeIntervalSince1970 * factor)
    }
}
