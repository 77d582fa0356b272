/// Names the job of one occurrence, the same in every process: 24 hexadecimal digits, as Sidekiq's jids are.
///
/// A job that is pushed twice for one occurrence (by hand, by a restored backup) shows itself by its jid.
enum OccurrenceID {
    /// The jid of the occurrence at `milliseconds` since 1970 of the schedule `id`.
    static func make(schedule id: String, at milliseconds: Int) -> String {
        self.make("\(id)@\(milliseconds)")
    }

    /// The jid of a job that `cron run` enqueues at `milliseconds` since 1970.
    static func makeManual(schedule id: String, at milliseconds: Int) -> String {
        self.make("\(id)!\(milliseconds)")
    }

    private static func make(_ text: String) -> String {
        let text = Array(text.utf8)
        let high = Self.hash(text, seed: Self.offset)
        let low = Self.hash(text, seed: high)
        return Self.hexadecimal(high, digits: 16) + Self.hexadecimal(low & 0xffff_ffff, digits: 8)
    }

    /// A number of a schedule's own, from 0: the same in every process and for ever.
    static func hash(of id: String) -> Int {
        Int(Self.hash(Array(id.utf8), seed: Self.offset) >> 1)
    }

    private static let offset: UInt64 = 0xcbf2_9ce4_8422_2325

    /// FNV-1a with a final mix: stable over processes and versions, which Swift's `Hasher` is not on purpose.
    private static func hash(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        var hash = seed
        for byte in bytes {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        hash = (hash ^ (hash >> 32)) &* 0xd6e8_feb8_6659_fd93
        return hash ^ (hash >> 32)
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
