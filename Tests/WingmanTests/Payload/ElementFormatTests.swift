import Foundation
import Testing

@testable import Wingman

/// The frozen format: queued jobs outlive the program that wrote them, so these texts never change.
@Suite("The format of arguments is frozen")
struct ElementFormatTests {
    /// A job with one property of any type.
    struct One<Value: Codable>: Codable {
        var value: Value
    }

    enum Colour: String, Codable { case red, green }
    enum Shape: Codable, Equatable {
        case circle(radius: Double)
        case square(Int)
        case nothing
    }

    struct Address: Codable, Equatable {
        var street: String
        var city: String?
        var lines: [Int]
        var a: Colour
    }

    private func golden<Value: Codable & Equatable>(
        _ value: Value,
        _ json: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let arguments = try JobArguments.encode(One(value: value))
        #expect(String(decoding: arguments, as: UTF8.self) == "[\(json)]", sourceLocation: sourceLocation)
        let job = try JobArguments.decode(One<Value>.self, from: Array("[\(json)]".utf8)[...])
        #expect(job.value == value, sourceLocation: sourceLocation)
    }

    @Test("Booleans and strings")
    func booleansAndStrings() throws {
        try self.golden(true, "true")
        try self.golden(false, "false")
        try self.golden("", #""""#)
        try self.golden("a/b é 😀 \u{2028}\u{2029}\u{7F}", "\"a/b é 😀 \u{2028}\u{2029}\u{7F}\"")
        try self.golden("\"\\\u{8}\u{C}\n\r\t\u{0}\u{1F}", #""\"\\\b\f\n\r\t\u0000\u001f""#)
    }

    @Test("Integers of every width are exact")
    func integers() throws {
        try self.golden(Int.min, "-9223372036854775808")
        try self.golden(Int8.min, "-128")
        try self.golden(Int16.max, "32767")
        try self.golden(Int32.min, "-2147483648")
        try self.golden(Int64.max, "9223372036854775807")
        try self.golden(Int128.min, "-170141183460469231731687303715884105728")
        try self.golden(UInt.max, "18446744073709551615")
        try self.golden(UInt8.max, "255")
        try self.golden(UInt16.max, "65535")
        try self.golden(UInt32.max, "4294967295")
        try self.golden(UInt64.max, "18446744073709551615")
        try self.golden(UInt128.max, "340282366920938463463374607431768211455")
    }

    @Test("Floating-point numbers are the shortest that read back, in Ruby's spelling, and stay apart from integers")
    func floating() throws {
        try self.golden(1.0, "1.0")
        try self.golden(-0.0, "-0.0")
        try self.golden(0.1, "0.1")
        try self.golden(0.1 + 0.2, "0.30000000000000004")
        try self.golden(123.456e-5, "0.00123456")
        try self.golden(1e-5, "1.0e-05")
        try self.golden(-1.5e-10, "-1.5e-10")
        try self.golden(999_999_999_999_999.0, "999999999999999.0")
        try self.golden(1_059_239_213_538_312.4, "1059239213538312.4")
        try self.golden(3_703_036_435_650_511.0, "3.703036435650511e+15")
        try self.golden(1e16, "1.0e+16")
        try self.golden(-12_345_678_901_234_568.0, "-1.2345678901234568e+16")
        try self.golden(1e22, "1.0e+22")
        try self.golden(1e100, "1.0e+100")
        try self.golden(Double.leastNonzeroMagnitude, "5.0e-324")
        try self.golden(Double.greatestFiniteMagnitude, "1.7976931348623157e+308")
        try self.golden(Float(0.1), "0.1")
        try self.golden(Float(16_777_216), "16777216.0")
        try self.golden(Float(1e8), "100000000.0")
        try self.golden(Decimal(string: "12345678901234567890.123456789"), "12345678901234567890.123456789")
    }

    @Test("Dates, identifiers, data and addresses are strings")
    func foundationTypes() throws {
        try self.golden(Date(timeIntervalSince1970: 1_795_322_700), #""2026-11-22T04:45:00.000Z""#)
        try self.golden(Date(timeIntervalSince1970: 0.001), #""1970-01-01T00:00:00.001Z""#)
        try self.golden(Date(timeIntervalSince1970: -0.001), #""1969-12-31T23:59:59.999Z""#)
        try self.golden(Date(timeIntervalSince1970: 951_782_400), #""2000-02-29T00:00:00.000Z""#)
        try self.golden(
            UUID(uuidString: "e621e1f8-c36c-495a-93fc-0c247a3e6e5f"),
            #""E621E1F8-C36C-495A-93FC-0C247A3E6E5F""#
        )
        try self.golden(Data([0, 255, 16, 62]), #""AP8QPg==""#)
        try self.golden(URL(string: "https://example.org/a?b=c%20d#é"), #""https://example.org/a?b=c%20d#%C3%A9""#)
    }

    @Test("Containers are ordinary JSON with sorted keys; a nested nil is left out, one in an array is null")
    func containers() throws {
        try self.golden([3, 1, 2], "[3,1,2]")
        try self.golden([1, nil, 3], "[1,null,3]")
        try self.golden([[String]](), "[]")
        try self.golden(["é": 1, "b": 2, "a": 3, "a/b": 4], #"{"a":3,"a/b":4,"b":2,"é":1}"#)
        try self.golden([10: "x", 9: "y"], #"{"10":"x","9":"y"}"#)
        try self.golden(["a": [Date(timeIntervalSince1970: 0)]], #"{"a":["1970-01-01T00:00:00.000Z"]}"#)
        try self.golden(Int?.none, "null")
        try self.golden(Colour.green, #""green""#)
        try self.golden(
            [Shape.circle(radius: 2), .square(3), .nothing],
            #"[{"circle":{"radius":2.0}},{"square":{"_0":3}},{"nothing":{}}]"#
        )
        let address = Address(street: "s", city: nil, lines: [1], a: .red)
        try self.golden(address, #"{"a":"red","lines":[1],"street":"s"}"#)
        try self.golden(
            [Duration.seconds(1)],
            "[[1000000000000000000,0]]".replacing("[1000000000000000000,0]", with: "[0,1000000000000000000]")
        )
    }
}
