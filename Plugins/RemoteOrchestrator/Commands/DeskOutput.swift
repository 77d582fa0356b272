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

/// How the commands print: tables for people, JSON for programs.
enum DeskOutput {
    /// A value as a line of JSON, keys sorted.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// JSON that is there already, on one line.
    static func json(bytes: [UInt8]) {
        // A line break in JSON is white space, or an escape.
        print(String(decoding: bytes.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self))
    }

    /// Rows under a heading, aligned.
    static func table(_ heading: [String], _ rows: [[String]]) {
        for line in Self.lines(heading, rows) { print(line) }
    }

    /// The lines of a table, without blanks at their ends; what would command a terminal is shown as `?`.
    static func lines(_ heading: [String], _ rows: [[String]]) -> [String] {
        let all = [heading] + rows.map { $0.map(Self.printable) }
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    /// One line of text that cannot command a terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 })
        )
    }

    /// A line for the operator, beside what was asked for.
    static func error(_ text: String) {
        let program = CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "wingman"
        let line = Array("\(program): \(text)\n".utf8)
        // Nobody may be reading; the exit code tells as well.
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
