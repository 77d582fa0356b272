import Foundation
import Testing

@testable import Wingman

@Suite("Every type of property is coded at its place")
struct ArgumentWidthTests {
    private func encode(_ job: some Codable) throws -> String {
        String(decoding: try JobArguments.encode(job), as: UTF8.self)
    }

    private func decode<Job: Decodable>(_ type: Job.Type, _ json: String) throws -> Job {
        try JobArguments.decode(type, from: Array(json.utf8)[...])
    }

    struct Point: Codable, Equatable {
        var x: Int
        var y: Int
    }

    struct Everything: Codable, Equatable {
        var a: Bool?
        var b: String?
        var c: Double?
        var d: Float?
        var e: Int?
        var f: Int8?
        var g: Int16?
        var h: Int32?
        var i: Int64?
        var j: Int128?
        var k: UInt?
        var l: UInt8?
        var m: UInt16?
        var n: UInt32?
        var o: UInt64?
        var p: UInt128?
        var q: Date?
        var r: [Int]?
        var s: Point?
        var last: Int
    }

    @Test("An optional that is nil keeps its place, whatever its type")
    func nils() throws {
        let empty = Everything(last: 1)
        let nulls = Array(repeating: "null", count: 19).joined(separator: ",")
        #expect(try self.encode(empty) == "[\(nulls),1]")
        #expect(try self.decode(Everything.self, "[\(nulls),1]") == empty)

        let full = Everything(
            a: true,
            b: "b",
            c: 1,
            d: 2,
            e: 3,
            f: 4,
            g: 5,
            h: 6,
            i: 7,
            j: 8,
            k: 9,
            l: 10,
            m: 11,
            n: 12,
            o: 13,
            p: 14,
            q: Date(timeIntervalSince1970: 0),
            r: [1],
            s: Point(x: 1, y: 2),
            last: 15
        )
        let json =
            #"[true,"b",1.0,2.0,3,4,5,6,7,8,9,10,11,12,13,14,"1970-01-01T00:00:00.000Z",[1],"#
            + #"{"x":1,"y":2},15]"#
        #expect(try self.encode(full) == json)
        #expect(try self.decode(Everything.self, json) == full)
    }

    /// Codes each width by the method of its own that every container has.
    struct Widths: Codable, Equatable {
        var a: Bool
        var b: String
        var c: Double
        var d: Float
        var e: Int
        var f: Int8
        var g: Int16
        var h: Int32
        var i: Int64
        var j: Int128
        var k: UInt
        var l: UInt8
        var m: UInt16
        var n: UInt32
        var o: UInt64
        var p: UInt128
        var pair: Pair

        /// Codes itself as an array by hand, of single values of 128 bits.
        struct Pair: Codable, Equatable {
            var one: Single
            var other: UInt128

            struct Single: Codable, Equatable {
                var number: Int128

                init(number: Int128) { self.number = number }

                init(from decoder: any Decoder) throws {
                    self.number = try decoder.singleValueContainer().decode(Int128.self)
                }

                func encode(to encoder: any Encoder) throws {
                    var container = encoder.singleValueContainer()
                    try container.encode(self.number)
                }
            }

            init(one: Single, other: UInt128) {
                self.one = one
                self.other = other
            }

            init(from decoder: any Decoder) throws {
                var container = try decoder.unkeyedContainer()
                self.one = try container.decode(Single.self)
                self.other = try container.decode(UInt128.self)
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.unkeyedContainer()
                try container.encode(self.one)
                try container.encode(self.other)
            }
        }
    }

    @Test("Every width is coded at the top and inside")
    func widths() throws {
        let widths = Widths(
            a: true,
            b: "",
            c: 1,
            d: 2,
            e: 3,
            f: 4,
            g: 5,
            h: 6,
            i: 7,
            j: 8,
            k: 9,
            l: 10,
            m: 11,
            n: 12,
            o: 13,
            p: 14,
            pair: Widths.Pair(one: Widths.Pair.Single(number: -1), other: 1)
        )
        let arguments = try self.encode(widths)
        #expect(arguments == #"[true,"",1.0,2.0,3,4,5,6,7,8,9,10,11,12,13,14,[-1,1]]"#)
        #expect(try self.decode(Widths.self, arguments) == widths)
        let nested = try self.encode(ElementFormatTests.One(value: widths))
        #expect(try self.decode(ElementFormatTests.One<Widths>.self, nested).value == widths)
    }

    @Test("Decimal numbers of any length are read or refused", arguments: ["1e999", "-1e-999", "0", "1.50", "1e127"])
    func decimals(literal: String) throws {
        for text in [literal, String(repeating: "9", count: 150), String(repeating: "9", count: 5000)] {
            let json = "[\(text)]"
            guard let job = try? self.decode(ElementFormatTests.One<Decimal>.self, json) else { continue }
            try JSONText.validateArray(JobArguments.encode(job))
        }
        #expect(try self.decode(ElementFormatTests.One<Decimal>.self, "[1.50]").value == Decimal(string: "1.5"))
    }
}
