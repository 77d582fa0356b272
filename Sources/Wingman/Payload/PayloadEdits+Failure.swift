#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a failed run leaves in a job's payload, as Ruby's Sidekiq writes it and its web page shows it.
extension PayloadEdits {
    /// Sidekiq's own limit, in characters as Ruby counts them: Unicode scalars.
    private static let maximumMessageLength = 10_000

    /// Sets `error_message`, cut behind 10,000 characters, and `error_class`.
    package mutating func setFailure(className: String, message: String) {
        self.set("error_message", String(message.unicodeScalars.prefix(Self.maximumMessageLength)))
        self.set("error_class", className)
    }

    /// Sets `error_backtrace`; without lines there is none, and that of an earlier failure goes.
    package mutating func setBacktrace(_ lines: [String]) {
        guard !lines.isEmpty else { return self.remove("error_backtrace") }
        self.set("error_backtrace", Self.packed(lines))
    }

    /// Base 64 of a zlib container of a JSON array of strings, which is what Sidekiq's page unpacks.
    static func packed(_ lines: [String]) -> String {
        var writer = JSONWriter()
        writer.strings(lines)
        return Data(Zlib.container(storing: writer.bytes)).base64EncodedString()
    }
}

/// The container of RFC 1950 around blocks that are stored as they are: every inflater reads it, and no library is
/// needed for what is a few kilobytes.
enum Zlib {
    /// What one stored block of deflate holds at most.
    private static let maximumBlockSize = 65_535

    static func container(storing bytes: [UInt8]) -> [UInt8] {
        // Deflate with a window of 32 KiB; the second byte makes the two a multiple of 31.
        var output: [UInt8] = [0x78, 0x01]
        output.reserveCapacity(bytes.count + bytes.count / Self.maximumBlockSize * 5 + 11)
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(Self.maximumBlockSize)
            rest = rest.dropFirst(block.count)
            let length = UInt16(truncatingIfNeeded: block.count)
            output.append(rest.isEmpty ? 1 : 0)
            output += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
            output += block
        } while !rest.isEmpty
        let sum = Self.adler32(bytes)
        output += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
        return output
    }

    static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
