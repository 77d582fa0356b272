extension Duration {
    /// Whole nanoseconds; clamped at the ends (292 years).
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, sumOverflow) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard !overflow, !sumOverflow else { return seconds < 0 ? Int64.min : Int64.max }
        return sum
    }

    /// Seconds with a fraction.
    var inSeconds: Double { self / .seconds(1) }
}
