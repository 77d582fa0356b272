/// Rows under a heading, columns aligned: numbers to the right, words to the left.
///
/// Cells may come from the store, where anybody may have written: control characters, which could command a terminal, are
/// shown as `?`.
public struct TextTable: Sendable {
    private var rows: [[String]]

    /// A table with a heading.
    public init(_ heading: [String], rows: [[String]] = []) {
        self.rows = [heading]
        for row in rows { self.add(row) }
    }

    /// Whether it has nothing but its heading.
    public var isEmpty: Bool { self.rows.count == 1 }

    /// Adds a row.
    public mutating func add(_ cells: [String]) {
        self.rows.append(cells.map(Output.printable))
    }

    /// The lines, without blanks at their ends.
    public var lines: [String] {
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
