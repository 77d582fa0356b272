/// Reads number literals that the scanner has passed. Nothing here rounds an integer or overflows.
package enum JSONNumber {
    /// What a literal is to an integer type.
    package enum Integer<Value: FixedWidthInteger> {
        case value(Value)
        case fractional
        case outOfRange
    }

    /// Reads a literal as an integer, exactly.
    ///
    /// `1.0`, `1e3` and `250e-1` name integers too: JavaScript has no other numbers. A literal is fractional when
    /// digits other than zero are left behind the point.
    package static func integer<Value: FixedWidthInteger>(
        _ literal: ArraySlice<UInt8>,
        as type: Value.Type = Value.self
    ) -> Integer<Value> {
        let isNegative = literal.first == UInt8(ascii: "-")
        let body = isNegative ? literal.dropFirst() : literal
        if let end = body.firstIndex(where: { $0 &- 0x30 > 9 }) {
            return Self.shifted(body, mantissaEnd: end, isNegative: isNegative)
        }
        return Self.accumulate(body, isNegative: isNegative, into: 0)
    }

    private static func accumulate<Value: FixedWidthInteger>(
        _ digits: some Sequence<UInt8>,
        isNegative: Bool,
        into start: Value
    ) -> Integer<Value> {
        var value = start
        for digit in digits {
            let (product, productOverflows) = value.multipliedReportingOverflow(by: 10)
            let amount = Value(truncatingIfNeeded: digit &- 0x30)
            let (sum, sumOverflows) =
                isNegative ? product.subtractingReportingOverflow(amount) : product.addingReportingOverflow(amount)
            if productOverflows || sumOverflows { return .outOfRange }
            value = sum
        }
        return .value(value)
    }

    /// A literal with a point or an exponent: its digits are gathered and the point is moved, all as text.
    private static func shifted<Value: FixedWidthInteger>(
        _ body: ArraySlice<UInt8>,
        mantissaEnd: Int,
        isNegative: Bool
    ) -> Integer<Value> {
        let exponentMark = body.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? body.endIndex
        let point = body[mantissaEnd] == UInt8(ascii: ".") ? mantissaEnd : exponentMark
        var digits = Array(body[..<point])
        if point < exponentMark { digits += body[(point + 1)..<exponentMark] }
        let fractionLength = max(exponentMark - point - 1, 0)
        while digits.first == UInt8(ascii: "0") { digits.removeFirst() }
        if digits.isEmpty { return .value(0) }

        var shift = Self.exponent(body[exponentMark...].dropFirst()) - fractionLength
        while shift < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            shift += 1
        }
        if shift < 0 { return .fractional }
        // No integer type has 60 digits: enough to overflow any, and few enough to try.
        if digits.count + shift > 60 { return .outOfRange }
        digits += repeatElement(UInt8(ascii: "0"), count: shift)
        return Self.accumulate(digits, isNegative: isNegative, into: 0)
    }

    /// The exponent's value, held within a billion either way: no literal is long enough to need more.
    private static func exponent(_ text: ArraySlice<UInt8>) -> Int {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.first.map { $0 &- 0x30 > 9 } ?? false ? text.dropFirst() : text
        let magnitude = digits.reduce(0) { min($0 * 10 + Int($1 &- 0x30), 1_000_000_000) }
        return isNegative ? -magnitude : magnitude
    }

    /// Reads a literal as a floating-point number, rounded to the nearest; nil when it is too large to be finite.
    package static func floating<Value: BinaryFloatingPoint & LosslessStringConvertible>(
        _ literal: ArraySlice<UInt8>,
        as type: Value.Type = Value.self
    ) -> Value? {
        guard let value = Value(String(decoding: literal, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }
}
