/// How many entries of a list are taken at a time: many, unless they are large.
struct Portion: Sendable {
    /// As much as may lie in memory, in bytes, if entries go on as they were.
    static let budget = 8 << 20
    private static let first = 16

    private let most: Int
    private(set) var value: Int

    /// - Parameter most: Of small ones. If large ones follow, a single portion is so many of these.
    init(most: Int) {
        self.most = most
        self.value = min(Self.first, most)
    }

    /// A portion of this size was taken.
    mutating func took(_ count: Int, bytes: Int) {
        guard count > 0 else { return }
        let fitting = Self.budget / max(1, bytes / count)
        self.value = max(1, min(self.value * 2, fitting, self.most))
    }
}

extension Portion {
    /// The same of entries that were read.
    mutating func took(_ payloads: some Collection<[UInt8]>) {
        self.took(payloads.count, bytes: payloads.reduce(0) { $0 + $1.count })
    }
}
