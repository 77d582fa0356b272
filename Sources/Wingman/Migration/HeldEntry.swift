/// One entry on its way between two stores, as it lies in the source's holding list: its batch, its place and its time
/// stand in a line before its own bytes, so that a list element is all that a resumed migration needs.
struct HeldEntry: Sendable, Equatable {
    /// The batch it travels in: its place in the target, or none, is decided for all of a batch at once.
    let batch: String
    let place: Place
    let entry: Entry

    /// The bytes that lie in the holding list: `BATCH PLACE TIME NAME` and a line end, then the entry's payload.
    var encoded: [UInt8] {
        let (word, name) = self.place.words
        let time = self.entry.at.map { "\($0)" } ?? "-"
        return Array("\(self.batch) \(word) \(time) \(Self.escaped(name))\n".utf8) + self.entry.payload
    }

    init(batch: String, place: Place, entry: Entry) {
        self.batch = batch
        self.place = place
        self.entry = entry
    }

    /// Reads what ``encoded`` wrote; nil for anything else.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = String(decoding: bytes[..<end], as: UTF8.self)
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard words.count == 4, let place = Place(word: words[1], name: Self.unescaped(words[3])) else { return nil }
        let time = Double(words[2])
        guard time != nil || words[2] == "-" else { return nil }
        self.init(
            batch: words[0],
            place: place,
            entry: Entry(payload: Array(bytes[(end + 1)...]), at: time)
        )
    }

    /// A name comes from outside and may hold a line end.
    private static func escaped(_ name: String) -> String {
        name.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
            .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "%0A")
    }

    private static func unescaped(_ name: String) -> String {
        name.split(separator: "%0A", omittingEmptySubsequences: false).joined(separator: "\n")
            .split(separator: "%25", omittingEmptySubsequences: false).joined(separator: "%")
    }
}

extension Place {
    /// Its kind as one word, and the name of a queue or list.
    var words: (kind: String, name: String) {
        switch self {
        case .queue(let name): ("queue", name)
        case .list(let key): ("list", key)
        case .retry: ("retry", "")
        case .schedule: ("schedule", "")
        case .later(let list): ("later", list)
        case .dead: ("dead", "")
        case .quarantine: ("quarantine", "")
        }
    }

    init?(word: String, name: String) {
        switch word {
        case "queue": self = .queue(name)
        case "list": self = .list(name)
        case "retry": self = .retry
        case "schedule": self = .schedule
        case "later": self = .later(name)
        case "dead": self = .dead
        case "quarantine": self = .quarantine
        default: return nil
        }
    }
}
