/// A day of the week.
public enum Weekday: Int, Sendable, CaseIterable, CustomStringConvertible {
    /// Number 0 (and 7) in cron.
    case sunday
    /// Number 1 in cron.
    case monday
    /// Number 2 in cron.
    case tuesday
    /// Number 3 in cron.
    case wednesday
    /// Number 4 in cron.
    case thursday
    /// Number 5 in cron.
    case friday
    /// Number 6 in cron.
    case saturday

    /// The weekday of cron's number; 7 is Sunday, too.
    init(number: Int) {
        self = Self.allCases[number.floorRemainder(dividedBy: 7)]
    }

    /// `monday`.
    public var description: String { Self.names[self.rawValue] }

    /// `Monday`.
    var title: String { capitalised(self.description) }

    static let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
}

/// A month of the year.
public enum Month: Int, Sendable, CaseIterable, CustomStringConvertible {
    /// Month 1.
    case january = 1
    /// Month 2.
    case february
    /// Month 3.
    case march
    /// Month 4.
    case april
    /// Month 5.
    case may
    /// Month 6.
    case june
    /// Month 7.
    case july
    /// Month 8.
    case august
    /// Month 9.
    case september
    /// Month 10.
    case october
    /// Month 11.
    case november
    /// Month 12.
    case december

    /// `january`.
    public var description: String { Self.names[self.rawValue - 1] }

    /// `January`.
    var title: String { capitalised(self.description) }

    static let names = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
}

/// The word with its first letter in upper case.
func capitalised(_ word: String) -> String {
    word.prefix(1).uppercased() + word.dropFirst()
}
