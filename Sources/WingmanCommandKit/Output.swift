#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a command prints: to the standard output what was asked for, to the standard error everything else.
public enum Output {
    /// The name this program was called by.
    public static var programName: String {
        let path = CommandLine.arguments.first ?? ""
        return path.split(separator: "/").last.map(String.init) ?? "wingman"
    }

    /// A terminal reads the standard error.
    public static var hasTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// A line for the reader. Written at once, also into a pipe.
    public static func line(_ text: String) {
        Self.write(text + "\n", to: STDOUT_FILENO)
    }

    /// A line for the operator.
    public static func error(_ text: String) {
        Self.write(text + "\n", to: STDERR_FILENO)
    }

    /// A value as one line of JSON, keys sorted, dates as ISO 8601.
    ///
    /// - Throws: What its encoding throws.
    public static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        Self.line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// JSON that is there already, on one line.
    public static func json(bytes: [UInt8]) {
        // A line break in JSON is white space, or an escape.
        Self.line(
            String(decoding: bytes.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        )
    }

    /// Rows under a heading, aligned; see ``TextTable``.
    public static func table(_ heading: [String], _ rows: [[String]]) {
        for line in TextTable(heading, rows: rows).lines { Self.line(line) }
    }

    /// Text from outside on one line that cannot command a terminal: control characters are shown as `?`.
    public static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 })
        )
    }

    /// All of `text` by as few writes as the system takes; what nobody reads any more is given up.
    public static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
