/// Finds the word that somebody probably meant.
public enum Suggestion {
    /// The nearest of `words`, if it is near enough: a third of its letters may differ.
    public static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let near = words.map { (word: $0, distance: Self.distance(word.lowercased(), $0.lowercased())) }
            .filter { $0.distance <= max(1, $0.word.count / 3) }
        return near.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
    }

    /// `, did you mean "scheduler"?` or nothing: the end of a sentence.
    public static func didYouMean(_ word: String, among words: some Sequence<String>) -> String {
        Self.nearest(to: word, among: words).map { ", did you mean \"\($0)\"?" } ?? ""
    }

    /// How many letters have to be added, dropped, replaced or swapped with their neighbour.
    private static func distance(_ one: String, _ other: String) -> Int {
        let one = Array(one)
        let other = Array(other)
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in one.enumerated() {
            var current = [row + 1]
            for (column, candidate) in other.enumerated() {
                var best = min(last[column + 1], current[column]) + 1
                best = min(best, last[column] + (letter == candidate ? 0 : 1))
                if row > 0, column > 0, letter == other[column - 1], candidate == one[row - 1] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            beforeLast = last
            last = current
        }
        return last[other.count]
    }
}
