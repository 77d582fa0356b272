/// A count that grows on one line of the terminal; silent in a pipe.
struct Progress {
    private let isShown = Output.hasTerminal
    private let start = ContinuousClock.now
    private var hasLine = false

    /// Shows how many jobs were pushed, and how fast.
    mutating func show(_ count: Int) {
        guard self.isShown else { return }
        let seconds = (ContinuousClock.now - self.start) / .seconds(1)
        let rate = seconds > 0 ? Int(min(Double(count) / seconds, 1e12)) : 0
        Output.write("\r\u{1B}[Kpushed \(count) jobs (\(rate)/s)", to: 2)
        self.hasLine = true
    }

    /// Takes the line away, so that others can be written.
    mutating func clear() {
        guard self.hasLine else { return }
        Output.write("\r\u{1B}[K", to: 2)
        self.hasLine = false
    }
}
