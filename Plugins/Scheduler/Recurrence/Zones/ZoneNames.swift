/// Finds the zones somebody may have meant.
enum ZoneNames {
    /// At most three names near to `name`: the same but for case or place, or a few letters apart; nearest first.
    static func near(_ name: String, among names: [String]) -> [String] {
        guard name.utf8.count <= 64 else { return [] }
        let sought = Self.folded(name)
        let city = sought.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? sought
        var found: [(distance: Int, name: String)] = []
        for candidate in names {
            let folded = Self.folded(candidate)
            let place = folded.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? folded
            // A city in the wrong continent is nearer than three wrong letters.
            let distance = min(Self.distance(sought, folded), place == city ? 2 : .max)
            if distance <= 3 { found.append((distance, candidate)) }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
    }

    /// In lower case, with spaces as underscores.
    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.map { byte in
            byte == 0x20 ? UInt8(ascii: "_") : 0x41...0x5a ~= byte ? byte + 0x20 : byte
        }
    }

    /// The least number of insertions, deletions and replacements (Levenshtein), or more than 3 if it is.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) <= 3 else { return .max }
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
