/// The restarts of the recent past: decides whether one more is allowed.
struct RestartWindow: Sendable {
    let intensity: Intensity
    private var restarts: [Duration] = []  // ascending; never more than the limit

    init(_ intensity: Intensity) {
        self.intensity = intensity
    }

    /// Counts a restart at `now` if the limit allows it.
    ///
    /// - Returns: Whether it was allowed; false means give up, and nothing was counted.
    mutating func record(at now: Duration) -> Bool {
        guard self.intensity.limit != .max else { return true }
        self.forget(before: now)
        guard self.restarts.count < self.intensity.limit else { return false }
        self.restarts.append(now)
        return true
    }

    /// How many restarts the window that ends at `now` holds.
    func count(at now: Duration) -> Int {
        self.restarts.count { $0 >= now - self.intensity.window }
    }

    /// Begins anew, when a parked child is resumed.
    mutating func reset() {
        self.restarts = []
    }

    /// One exactly as old as the window still counts, as in OTP.
    private mutating func forget(before now: Duration) {
        self.restarts.removeAll { $0 < now - self.intensity.window }
    }
}
