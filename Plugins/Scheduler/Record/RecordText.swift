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
        let seconds = [self.next, self.last, self.buffered] + self.history.map(\.at)
        let milliseconds = [self.pausedAt, self.vanishedAt] + self.history.map(\.on)
        let counts = [self.count, self.skips, self.generation] + self.history.flatMap { [$0.slot, $0.number] }
        return seconds.allSatisfy { $0.map(Instant.seconds.contains) ?? true }
            && milliseconds.allSatisfy { $0.map { Instant.seconds.contains($0 / 1_000) } ?? true }
            && counts.allSatisfy { $0.map { 0...(Int.max / 2) ~= $0 } ?? true }
    }
}
