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
        try? JSONDecoder().decode(ScheduleRecord.self, from: Data(bytes))
    }
}
