internal import Supervision

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a memory store's clock shows, in microseconds since 1970.
struct MemoryClock: Sendable {
    /// What it showed when `began` was read.
    private var origin: Int
    private let began: Duration
    /// Nil: it stands.
    private let time: (any Timekeeper)?

    init(following time: any Timekeeper) {
        self.origin = Int(Date().timeIntervalSince1970 * 1_000_000)
        self.began = time.now
        self.time = time
    }

    init(standingAt start: Int) {
        self.origin = start * 1_000_000
        self.began = .zero
        self.time = nil
    }

    var now: Int { self.origin + (self.time.map { ($0.now - self.began).wholeMicroseconds } ?? 0) }

    mutating func advance(by duration: Duration) {
        self.origin += duration.wholeMicroseconds
    }
}

extension Duration {
    /// A century: what is longer counts as this, so that sums of times stay within a number.
    private static let longest = 3_153_600_000.0

    /// Whole microseconds, rounded up.
    var wholeMicroseconds: Int {
        let seconds = min(max(self / .seconds(1), -Self.longest), Self.longest)
        return Int((seconds * 1_000_000).rounded(.up))
    }

    /// Whole milliseconds, rounded up; never negative.
    var wholeMilliseconds: Int {
        let seconds = min(max(self / .seconds(1), 0), Self.longest)
        return Int((seconds * 1_000).rounded(.up))
    }
}
