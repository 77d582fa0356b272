/// A small generator whose sequence a seed fixes (SplitMix64), so that jitter can be replayed.
struct RandomNumbers: Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// The next number from 0 up to, not including, 1.
    mutating func unit() -> Double {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        value ^= value >> 31
        return Double(value >> 11) * 0x1p-53
    }
}
