#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which dead letters are meant. All that is given must hold; of several names, reasons or clients one must.
struct DeadLetterFilter: Sendable, Equatable {
    /// Ids, or places in the list as `#12`.
    var names: [String] = []
    var reasons: Set<String> = []
    var clients: Set<String> = []
    /// Only those that died before this moment.
    var before: Date?

    /// Nothing is left out.
    var isEmpty: Bool { self == DeadLetterFilter() }

    func includes(_ letter: DeadLetterLine) -> Bool {
        if !self.names.isEmpty, !self.names.contains(where: { letter.isNamed($0) }) { return false }
        if !self.reasons.isEmpty, !self.reasons.contains(letter.reason) { return false }
        if !self.clients.isEmpty, !self.clients.contains(letter.client ?? "") { return false }
        if let before = self.before {
            // One that does not say when it died may be of any age.
            guard let at = letter.at, at < before else { return false }
        }
        return true
    }

    /// The names that none of these letters has.
    func missing(in letters: [DeadLetterLine]) -> [String] {
        self.names.filter { name in !letters.contains { $0.isNamed(name) } }
    }
}

extension DeadLetterLine {
    func isNamed(_ name: String) -> Bool {
        name == self.id || name == "#\(self.number)"
    }
}
