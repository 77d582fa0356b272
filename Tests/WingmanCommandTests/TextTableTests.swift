import Testing
import WingmanCommandKit

@testable import WingmanCommand

@Suite("A table of text")
struct TextTableTests {
    @Test("aligns words to the left and numbers to the right")
    func alignment() {
        var table = TextTable(["queue", "jobs"])
        table.add(["default", "7"])
        table.add(["low", "12345"])
        #expect(table.lines == ["queue     jobs", "default      7", "low      12345"])
    }

    @Test("takes rows of any length")
    func ragged() {
        var table = TextTable(["a"])
        table.add(["b", "c"])
        table.add([])
        #expect(table.lines == ["a", "b  c", ""])
    }

    @Test("shows no control characters: cells may come from anybody")
    func hostile() {
        var table = TextTable(["tag"])
        table.add(["\u{1B}[2J\n\u{9B}é"])
        #expect(table.lines == ["tag", "?[2J??é"])
    }
}
