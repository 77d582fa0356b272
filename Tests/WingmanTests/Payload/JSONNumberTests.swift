import Testing

@testable import Wingman

@Suite("Number literals are read exactly")
struct JSONNumberTests {
    @Test(
        "Literals that name an integer give it",
        arguments: [
            ("0", 0), ("-0", 0), ("-0.0", 0), ("0e999999999999", 0), ("1", 1), ("-128", -128), ("127", 127), ("1.0", 1),
            ("1.200e2", 120), ("1200e-1", 120), ("1e2", 100), ("12.7e1", 127), ("0.0127E+4", 127),
        ]
    )
    func integers(literal: String, value: Int8) {
        guard case .value(let found) = JSONNumber.integer(ArraySlice(literal.utf8), as: Int8.self) else {
            Issue.record("\(literal) is not read")
            return
        }
        #expect(found == value)
    }

    @Test("Literals with digits behind the point are fractional", arguments: ["1.5", "1e-1", "0.1", "1e-99999999999"])
    func fractions(literal: String) {
        guard case .fractional = JSONNumber.integer(ArraySlice(literal.utf8), as: Int.self) else {
            Issue.record("\(literal) is not fractional")
            return
        }
    }

    @Test(
        "Integers that do not fit are out of range",
        arguments: ["128", "-129", "1e3", "1e999999999999999999999", "9999999999999999999999999999", "256"]
    )
    func overflow(literal: String) {
        guard case .outOfRange = JSONNumber.integer(ArraySlice(literal.utf8), as: Int8.self) else {
            Issue.record("\(literal) is not out of range")
            return
        }
    }

    @Test("The ends of 64 bits are exact, and unsigned types take no negative")
    func extremes() {
        func read<Value: FixedWidthInteger>(_ literal: String, as type: Value.Type) -> Value? {
            guard case .value(let value) = JSONNumber.integer(ArraySlice(literal.utf8), as: type) else { return nil }
            return value
        }
        #expect(read("-9223372036854775808", as: Int64.self) == .min)
        #expect(read("9223372036854775807", as: Int64.self) == .max)
        #expect(read("9223372036854775808", as: Int64.self) == nil)
        #expect(read("18446744073709551615", as: UInt64.self) == .max)
        #expect(read("-1", as: UInt64.self) == nil)
        #expect(read("-0", as: UInt64.self) == 0)
    }

    @Test("Floating-point literals are finite or refused")
    func floating() {
        #expect(JSONNumber.floating(ArraySlice("0.1".utf8), as: Double.self) == 0.1)
        #expect(JSONNumber.floating(ArraySlice("123".utf8), as: Double.self) == 123)
        #expect(JSONNumber.floating(ArraySlice("1e999".utf8), as: Double.self) == nil)
        #expect(JSONNumber.floating(ArraySlice("1e39".utf8), as: Float.self) == nil)
    }

    @Test(
        "Times are seconds below 1e11 and milliseconds from there on",
        arguments: [
            ("1783971858298", 1_783_971_858_298), ("1783971858.298", 1_783_971_858_298),
            ("1783971858", 1_783_971_858_000),
            ("1.783971858298e12", 1_783_971_858_298), ("0", 0), ("-5", -5000), ("1e300", 9_007_199_254_740_992),
            ("99999999999", 99_999_999_999_000), ("100000000000", 100_000_000_000),
        ] as [(String, Int64)]
    )
    func times(literal: String, milliseconds: Int64) {
        #expect(SidekiqTime(literal: ArraySlice(literal.utf8))?.milliseconds == milliseconds)
    }
}
