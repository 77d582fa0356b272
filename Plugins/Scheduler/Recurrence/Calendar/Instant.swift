/// A second on the time line, the same everywhere: whole seconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Recurrences have no fractions of a second. Of a time in milliseconds take the second it lies in: an occurrence is
/// after the former exactly if it is after the latter.
public struct Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Seconds since 1970-01-01T00:00:00Z.
    public let secondsSince1970: Int

    /// The instant so many seconds after 1970-01-01T00:00:00Z.
    public init(secondsSince1970: Int) {
        self.secondsSince1970 = secondsSince1970
    }

    /// The second in which a time in milliseconds since 1970 lies.
    public init(millisecondsSince1970: Int) {
        self.secondsSince1970 = millisecondsSince1970.floorDivided(by: 1_000)
    }

    /// Reads `2026-03-08T07:00:00Z`; seconds may be left out.
    ///
    /// - Returns: nil if the text is anything else, or the year is not from 1 to 9999.
    public init?(_ text: String) {
        guard text.utf8.last == UInt8(ascii: "Z"), let wall = WallTime(String(text.dropLast())) else { return nil }
        self.secondsSince1970 = wall.seconds
    }

    /// Milliseconds since 1970, held at the ends of `Int`.
    public var millisecondsSince1970: Int {
        let (product, overflows) = self.secondsSince1970.multipliedReportingOverflow(by: 1_000)
        return overflows ? (self.secondsSince1970 < 0 ? .min : .max) : product
    }

    /// `2026-03-08T07:00:00Z`.
    public var description: String {
        guard Self.seconds.contains(self.secondsSince1970) else { return "\(self.secondsSince1970) s since 1970" }
        return "\(WallTime(seconds: self.secondsSince1970))Z"
    }

    /// The earlier of two instants is the smaller.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    /// The seconds of the years 1 to 9999 in UTC; no occurrence lies outside.
    static let seconds = -62_135_596_800...253_402_300_799
}
