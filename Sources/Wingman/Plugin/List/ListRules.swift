/// What is wrong with a list of plugins as a list: names, requirements, order, conflicts. A value: it configures nothing.
struct ListRules {
    /// What the rules know of a plugin.
    struct Card {
        let name: String
        let requires: [String]
        let after: [String]
        let conflicts: [String]

        init(_ name: String, requires: [String] = [], after: [String] = [], conflicts: [String] = []) {
            self.name = name
            self.requires = requires
            self.after = after
            self.conflicts = conflicts
        }
    }

    private let cards: [Card]
    private let positions: [String: Int]

    init(_ cards: [Card]) {
        self.cards = cards
        self.positions = Dictionary(cards.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Every fault, a sentence each; in the order of the list for each rule.
    var faults: [String] {
        self.badNames + self.duplicates + self.unknownRequirements + self.cycles + self.wrongOrder + self.conflicts
    }

    /// The app's own namespace in the store, and words of the configuration file.
    private static let reserved: Set<String> = ["app", "wingman"]

    private var badNames: [String] {
        self.cards.compactMap { card in
            if Self.reserved.contains(card.name) { return "\"\(card.name)\" cannot be a plugin's name: it is Wingman's own" }
            let isSound =
                card.name.first.map { $0.isASCII && $0.isLetter } ?? false
                && card.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
            return isSound
                ? nil : "\"\(card.name)\" cannot be a plugin's name: use letters, digits, - and _, a letter first"
        }
    }

    private var duplicates: [String] {
        var seen: Set<String> = []
        let twice = self.cards.map(\.name).filter { !seen.insert($0).inserted }
        return twice.map { "two plugins are named \"\($0)\": list it once" }
    }

    private var unknownRequirements: [String] {
        self.cards.flatMap { card in
            card.requires.filter { self.positions[$0] == nil }.map { missing in
                let others = self.cards.map(\.name).filter { $0 != card.name }
                return "plugin \(card.name) requires plugin \"\(missing)\", which is not listed"
                    + (Suggestion.nearest(to: missing, among: others).map { ", did you mean \"\($0)\"?" }
                        ?? ": add it above \(card.name)")
            }
        }
    }

    /// Those that a plugin must stand behind.
    private func before(_ card: Card) -> [String] {
        var seen: Set<String> = []
        return (card.requires + card.after).filter { self.positions[$0] != nil && seen.insert($0).inserted }
    }

    private var cycles: [String] {
        self.loops.map { loop in
            let path = (loop + [loop[0]]).joined(separator: " → ")
            return "plugins must stand behind each other in a circle: \(path): take one requirement out"
        }
    }

    /// Circles of plugins that must stand behind each other, each once, from its first in the list.
    private var loops: [[String]] {
        var loops: [[String]] = []
        var finished: Set<String> = []
        for card in self.cards where !finished.contains(card.name) {
            var path: [String] = []
            self.visit(card.name, &path, &finished, &loops)
        }
        return loops
    }

    private func visit(
        _ name: String,
        _ path: inout [String],
        _ finished: inout Set<String>,
        _ loops: inout [[String]]
    ) {
        if let start = path.firstIndex(of: name) {
            loops.append(Array(path[start...]))
            return
        }
        guard !finished.contains(name), let position = self.positions[name] else { return }
        path.append(name)
        for other in self.before(self.cards[position]) { self.visit(other, &path, &finished, &loops) }
        path.removeLast()
        finished.insert(name)
    }

    /// Not for members of one circle: no order would be right for them.
    private var wrongOrder: [String] {
        let loops = self.loops.map(Set.init)
        return self.cards.enumerated().flatMap { position, card in
            self.before(card).compactMap { other in
                guard let otherPosition = self.positions[other], otherPosition > position else { return nil }
                if loops.contains(where: { $0.contains(card.name) && $0.contains(other) }) { return nil }
                return "plugin \(card.name) must stand behind plugin \(other): "
                    + "move the line of \(card.name) below that of \(other)"
            }
        }
    }

    private var conflicts: [String] {
        var told: Set<Set<String>> = []
        return self.cards.flatMap { card in
            card.conflicts.compactMap { other in
                guard self.positions[other] != nil, other != card.name else { return nil }
                guard told.insert([card.name, other]).inserted else { return nil }
                return "plugin \(card.name) does not work beside plugin \(other): take one of them out"
            }
        }
    }
}
