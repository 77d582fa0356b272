#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a failed run leaves in a job's payload, as Ruby's Sidekiq writes it and its web page shows it.
package struct ErrorFields: Hashable, Sendable {
    /// Sidekiq's own limit.
    private static let maximumMessageLength = 10_000

    /// The name of the error's type.
    package var className: String

    /// Its text, at most 10,000 characters.
    package var message: String

    /// One line a frame; empty when there is none.
    package var backtrace: [String]

    /// - Parameter message: cut behind 10,000 Unicode scalars, which are Ruby's characters.
    package init(className: String, message: String, backtrace: [String] = []) {
        self.className = className
        self.message = String(message.unicodeScalars.prefix(Self.maximumMessageLength))
        self.backtrace = backtrace
    }

    /// The fields of an error that a job has thrown: the name of its type with its module, and its description.
    package init(_ error: any Error, backtrace: [String] = []) {
        self.init(className: Self.name(of: type(of: error)), message: "\(error)", backtrace: backtrace)
    }

    /// `Shop.MailError`. The reflected name of a private type has parts that differ with every build: left out.
    private static func name(of type: Any.Type) -> String {
        String(reflecting: type).split(separator: ".").filter { !$0.hasPrefix("(") }.joined(separator: ".")
    }
}

extension PayloadEdits {
    /// Sets `error_message`, `error_class` and, as far as the job wants it, `error_backtrace`.
    package mutating func set(_ error: ErrorFields, backtrace: JobPayload.Backtrace) {
        self.set("error_message", error.message)
        self.set("error_class", error.className)
        let lines: ArraySlice<String>
        switch backtrace {
        case .none: return
        case .all: lines = error.backtrace[...]
        case .lines(let count): lines = error.backtrace.prefix(max(count, 0))
        }
        guard !lines.isEmpty else { return }
        self.set("error_backtrace", ErrorFields.encode(backtrace: lines))
    }
}

extension ErrorFields {
    /// Base 64 of a zlib container of a JSON array of strings, which is what Sidekiq's page unpacks.
    static func encode(backtrace lines: some Sequence<String>) -> String {
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
