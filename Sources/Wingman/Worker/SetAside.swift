/// Due entries that the client middleware failed on. They stay where they are, are tried again after a pause, and do not
/// hinder those behind them.
struct SetAside {
    /// Before such an entry is tried again.
    static let pause = Duration.seconds(10)
    /// No more are passed over: each costs its bytes at every look.
    static let limit = 5_000

    private var until: [[UInt8]: Duration] = [:]

    /// How many are passed over.
    var count: Int { self.until.count }

    /// Puts `entry` aside at `now`.
    mutating func add(_ entry: [UInt8], at now: Duration) {
        guard self.until.count < Self.limit || self.until[entry] != nil else { return }
        self.until[entry] = now + Self.pause
    }

    /// Those of `entries` that may be tried at `now`. What is not among `entries` any more is forgotten.
    mutating func passable(_ entries: [[UInt8]], at now: Duration) -> [[UInt8]] {
        guard !self.until.isEmpty else { return entries }
        var kept: [[UInt8]: Duration] = [:]
        var passable: [[UInt8]] = []
        for entry in entries {
            guard let until = self.until[entry] else {
                passable.append(entry)
                continue
            }
            kept[entry] = until
            if until <= now { passable.append(entry) }
        }
        self.until = kept
        return passable
    }

    /// `entry` went its way after all.
    mutating func remove(_ entry: [UInt8]) {
        self.until[entry] = nil
    }
}
