extension Duration: OptionValue {
    /// `duration`.
    public static var optionType: String { "duration" }
    /// A number and a unit.
    public static var optionExpectation: String { "a duration such as 250ms, 5s, 2m, 1h or 1d" }
    /// Text.
    public static var optionKind: OptionContent.Kind { .text }

    /// A whole number and `ms`, `s`, `m`, `h` or `d` (of 24 hours): no other form, so that no unit is guessed.
    public init?(optionContent content: OptionContent) {
        guard case .text(let text) = content else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = OptionUnit.all.first { $0.name == text.dropFirst(digits.count) }
        guard let unit, let count = Int(digits) else { return nil }
        let (milliseconds, overflows) = count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflows else { return nil }
        self = .milliseconds(milliseconds)
    }

    /// In the largest unit that says it exactly; milliseconds at the finest.
    public var optionText: String {
        let (seconds, attoseconds) = self.components
        let (scaled, overflows) = seconds.multipliedReportingOverflow(by: 1_000)
        guard !overflows else { return "\(seconds)s" }
        let milliseconds = scaled + attoseconds / 1_000_000_000_000_000
        let unit = OptionUnit.all.first { milliseconds.isMultiple(of: Int64($0.milliseconds)) } ?? .seconds
        return milliseconds == 0 ? "0s" : "\(milliseconds / Int64(unit.milliseconds))\(unit.name)"
    }
}

/// A unit of time in an option.
private struct OptionUnit {
    let name: String
    let milliseconds: Int

    static let seconds = OptionUnit(name: "s", milliseconds: 1_000)
    /// The largest first.
    static let all = [
        OptionUnit(name: "d", milliseconds: 86_400_000),
        OptionUnit(name: "h", milliseconds: 3_600_000),
        OptionUnit(name: "m", milliseconds: 60_000),
        Self.seconds,
        OptionUnit(name: "ms", milliseconds: 1),
    ]
}
