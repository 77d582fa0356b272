/// Lengths of time as Go writes them: `1h30m`, `90s`; also days, `1d`.
enum DurationText {
    /// What an interval may be, as in ``Interval``: a second to a year and a day.
    static let allowed = 1...(366 * secondsPerDay)

    private static let units: [(letter: UInt8, seconds: Int)] = [
        (UInt8(ascii: "d"), secondsPerDay), (UInt8(ascii: "h"), 3_600), (UInt8(ascii: "m"), 60), (UInt8(ascii: "s"), 1),
    ]

    /// The length in seconds; nil if it is not in the language or out of bounds. Units go from the largest to the smallest.
    static func seconds(_ text: ArraySlice<UInt8>) -> Int? {
        var rest = text
        var total = 0
        var units = Self.units[...]
        while !rest.isEmpty {
            let digits = rest.prefix { 0x30...0x39 ~= $0 }
            let letter = rest.dropFirst(digits.count).first
            guard let number = TimeText.number(digits), let index = units.firstIndex(where: { $0.letter == letter })
            else { return nil }
            // Nine digits of days in seconds are far from the end of Int.
            total += number * units[index].seconds
            units = units[(index + 1)...]
            rest = rest.dropFirst(digits.count + 1)
        }
        return Self.allowed ~= total ? total : nil
    }

    /// `1h30m` for 5400: no units that are zero.
    static func text(_ seconds: Int) -> String {
        var rest = seconds
        var text = ""
        for unit in Self.units.dropFirst() where rest / unit.seconds > 0 {
            text += "\(rest / unit.seconds)\(UnicodeScalar(unit.letter))"
            rest %= unit.seconds
        }
        return text
    }
}
