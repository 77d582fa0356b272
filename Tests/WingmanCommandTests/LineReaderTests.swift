import Foundation
import Testing

@testable import WingmanCommand

@Suite("A reader of lines")
struct LineReaderTests {
    @Test(
        "numbers lines and takes the line breaks away",
        arguments: [
            ("", []),
            ("a", ["a"]),
            ("a\n", ["a"]),
            ("a\r\nb\n\nc", ["a", "b", "", "c"]),
            ("\n\n", ["", ""]),
            ("é\n\u{2028}\n", ["é", "\u{2028}"]),
        ]
    )
    func lines(input: String, expected: [String]) throws {
        let lines = try Self.read(Array(input.utf8))
        #expect(lines.map(\.text) == expected)
        #expect(lines.map(\.number) == Array(1..<(expected.count + 1)))
    }

    @Test("reads lines longer than its buffer, and many of them")
    func long() throws {
        let texts = (0..<50).map { String(repeating: "x", count: $0 * 3_989) }
        let lines = try Self.read(Array(texts.joined(separator: "\n").utf8))
        #expect(lines.map(\.text) == texts)
    }

    @Test("replaces what is no text instead of trapping")
    func notText() throws {
        #expect(try Self.read([0xff, 0x0a]).map(\.text) == ["\u{FFFD}"])
    }

    @Test("tells a broken input from a short one")
    func broken() {
        var reader = LineReader(descriptor: -1)
        #expect(throws: ExitStatus.self) { try reader.next() }
    }

    private static func read(_ bytes: [UInt8]) throws -> [LineReader.Line] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let file = try FileHandle(forReadingFrom: path)
        var reader = LineReader(descriptor: file.fileDescriptor)
        var lines: [LineReader.Line] = []
        while let line = try reader.next() { lines.append(line) }
        return lines
    }
}
