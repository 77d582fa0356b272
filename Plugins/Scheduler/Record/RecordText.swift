#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Records as they lie in the store: JSON, for people with redis-cli.
enum RecordText {
    static func bytes(_ record: ScheduleRecord) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Integers, strings and arrays of them: there is nothing that could not be encoded.
        return Array((try? encoder.encode(record)) ?? Data())
    }

    /// The record in bytes that anybody may have written.
    ///
    /// - Returns: Nil if they are no record.
    static func record(_ bytes: [UInt8]) -> ScheduleRecord? {
        guard let record = try? JSONDecoder().decode(ScheduleRecord.self, from: Data(bytes)), record.isSound else {
            return nil
        }
        return record
    }
}

extension ScheduleRecord {
    /// Whether all numbers are what they can be, so that none of them overflows anywhere.
    fileprivate var isSound: Bool {
        let seconds = [self.next, self.last, self.buffered].compactMap(\.self) + self.history.map(\.at)
        let milliseconds = [self.pausedAt, self.vanishedAt].compactMap(\.self) + self.history.map(\.on)
        let counts =
            [self.count, self.skips ?? 0, self.generation] + self.history.map { $0.slot ?? 0 }
            + self.history.map { $0.number ?? 0 }
        return seconds.allSatisfy(Instant.seconds.contains)
            && milliseconds.allSatisfy { Instant.seconds.contains($0 / 1_000) }
            && counts.allSatisfy((0...Int.max / 2).contains)
    }
}
