import WingmanCommandKit

/// A count that grows on one line of the terminal; silent in a pipe.
struct Progress {
    private let verb: String
    private let isShown = Output.hasTerminal
    private let start = ContinuousClock.now
    private var hasLine = false

    /// A line such as `pushed 3000 jobs (41200/s)`.
    init(_ verb: String) {
        self.verb = verb
    }

    /// Shows how many jobs it were so far, of how many if that is known, and how fast.
    mutating func show(_ count: Int, of total: Int? = nil) {
        guard self.isShown else { return }
        let seconds = (ContinuousClock.now - self.start) / .seconds(1)
        let rate = seconds > 0 ? Int(min(Double(count) / seconds, 1e12)) : 0
        let share = total.map { " of \($0)" } ?? ""
        Output.write("\r\u{1B}[K\(self.verb) \(count)\(share) jobs (\(rate)/s)", to: 2)
        self.hasLine = true
    }

    /// Takes the line away, so that others can be written.
    mutating func clear() {
        guard self.hasLine else { return }
        Output.write("\r\u{1B}[K", to: 2)
        self.hasLine = false
    }
}
