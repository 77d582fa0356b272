/// When things that have a time expire, by the clock of all stores.
///
/// When a clock is set back, a store may still have what had expired just before, or not: some look at the time whenever
/// they look at the thing, others throw it away at once. So clocks are only set back where nothing has expired lately.
struct Expiries {
    private var now = Duration.zero
    private var ends: [String: Duration] = [:]
    private var officeEnd: Duration?

    /// What has this name expires so long from now, and no longer when it was to before.
    mutating func set(_ name: String, after duration: Duration) {
        self.ends[name] = self.now + duration
    }

    /// Somebody was given an office for so long. A store may end it then even if the clock was set back meanwhile.
    mutating func giveOffice(for duration: Duration) {
        self.officeEnd = self.now + duration
    }

    mutating func advance(by duration: Duration) {
        self.now += duration
    }

    func mayAdvance(by duration: Duration) -> Bool {
        // Forward all agree; rounding needs a little more than the moment itself.
        guard duration < .zero else { return true }
        let margin = Duration.seconds(1)
        if let officeEnd, officeEnd > self.now + duration - margin { return false }
        return !self.ends.values.contains { $0 > self.now + duration - margin && $0 <= self.now + margin }
    }
}
