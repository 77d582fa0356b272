/// A file of the IANA time zone database (RFC 8536), versions 1 to 4.
///
/// Version 1 has 32-bit times and no rule for the future; the others repeat everything in 64 bits and end with a rule.
/// Daylight flags and abbreviations are not read: nothing depends on them.
struct TZif: Sendable {
    enum Fault: Error, Equatable {
        case notTZif
        case damaged
        /// A file of `right/`, whose seconds are not ours.
        case countsLeapSeconds
    }

    let table: ZoneTable

    init(_ bytes: [UInt8]) throws(Fault) {
        let first = try TZifHeader(bytes, at: 0)
        if first.version < 2 {
            self.table = try Self.table(bytes, first, timeSize: 4, rule: nil)
            return
        }
        let second = try TZifHeader(bytes, at: first.end(timeSize: 4))
        let rule = try Self.rule(bytes[min(second.end(timeSize: 8), bytes.count)...])
        self.table = try Self.table(bytes, second, timeSize: 8, rule: rule)
    }

    private static func table(_ bytes: [UInt8], _ header: TZifHeader, timeSize: Int, rule: POSIXRule?)
        throws(Fault) -> ZoneTable
    {
        guard header.leaps == 0 else { throw .countsLeapSeconds }
        guard header.types > 0, header.end(timeSize: timeSize) <= bytes.count else { throw .damaged }
        let times = header.start
        let indexes = times + header.times * timeSize
        let types = indexes + header.times
        func offset(ofType type: Int) throws(Fault) -> Int {
            guard type < header.types else { throw .damaged }
            let offset = bytes.signed(at: types + type * 6, size: 4)
            guard abs(offset) <= ZoneTable.largestOffset else { throw .damaged }
            return offset
        }
        var changes: [(instant: Int, offset: Int)] = []
        for index in 0..<header.times {
            let instant = bytes.signed(at: times + index * timeSize, size: timeSize)
            let isAscending = changes.last.map { $0.instant < max(instant, ZoneTable.distantPast) } ?? true
            guard isAscending || instant <= ZoneTable.distantPast else { throw .damaged }
            guard instant < ZoneTable.distantFuture else { break }
            let offset = try offset(ofType: Int(bytes[indexes + index]))
            changes.append((max(instant, ZoneTable.distantPast), offset))
        }
        return ZoneTable(initial: try offset(ofType: 0), changes: changes, rule: rule)
    }

    /// The rule stands between two line feeds; an empty one leaves the future to the table's last line.
    private static func rule(_ footer: ArraySlice<UInt8>) throws(Fault) -> POSIXRule? {
        guard footer.first == 0x0a, let end = footer.dropFirst().firstIndex(of: 0x0a) else { throw .damaged }
        let text = footer[(footer.startIndex + 1)..<end]
        if text.isEmpty { return nil }
        guard let rule = POSIXRule(text) else { throw .damaged }
        return rule
    }
}

/// The six numbers before each of the one or two tables of a TZif file.
private struct TZifHeader {
    let version: Int
    let start: Int
    let universalFlags: Int
    let standardFlags: Int
    let leaps: Int
    let times: Int
    let types: Int
    let characters: Int

    init(_ bytes: [UInt8], at offset: Int) throws(TZif.Fault) {
        guard offset <= bytes.count - 44, bytes[offset..<(offset + 4)].elementsEqual("TZif".utf8) else {
            throw .notTZif
        }
        let version = bytes[offset + 4]
        self.version = version == 0 ? 1 : Int(version) - 0x30
        // Unsigned 32-bit numbers: no sum or product of a few of them overflows.
        let counts = (0..<6).map { bytes.signed(at: offset + 20 + $0 * 4, size: 4) & 0xffff_ffff }
        self.universalFlags = counts[0]
        self.standardFlags = counts[1]
        self.leaps = counts[2]
        self.times = counts[3]
        self.types = counts[4]
        self.characters = counts[5]
        self.start = offset + 44
    }

    func end(timeSize: Int) -> Int {
        self.start + self.times * (timeSize + 1) + self.types * 6 + self.characters + self.leaps * (timeSize + 4)
            + self.standardFlags + self.universalFlags
    }
}

extension [UInt8] {
    /// A signed number, most significant byte first; the caller has checked that it lies within.
    fileprivate func signed(at offset: Int, size: Int) -> Int {
        var number = Int(Int8(bitPattern: self[offset]))
        for index in 1..<size { number = number << 8 | Int(self[offset + index]) }
        return number
    }
}
