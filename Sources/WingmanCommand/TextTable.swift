/// Rows under a heading, columns aligned: numbers to the right, words to the left.
///
/// Cells may come from the store, where anybody may have written: control characters, which could command a terminal, are
/// shown as `?`.
struct TextTable {
    private var rows: [[String]]

    /// A table with a heading.
    init(_ heading: [String]) {
        self.rows = [heading]
    }

    /// Whether it has nothing but its heading.
    var isEmpty: Bool { self.rows.count == 1 }

    /// Adds a row.
    mutating func add(_ cells: [String]) {
        self.rows.append(cells.map(Self.printable))
    }

    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 })
        )
    }

    /// The lines, without blanks at their ends.
    var lines: [String] {
        let columns = self.rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in self.cells(column).map(\.count).max() ?? 0 }
        let isNumeric = (0..<columns).map { column in self.cells(column).dropFirst().allSatisfy { Int($0) != nil } }
        return self.rows.map { row in
            let cells = row.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - row[column].count)
                return isNumeric[column] ? padding + row[column] : row[column] + padding
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    private func cells(_ column: Int) -> [String] {
        self.rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }
    }
}
