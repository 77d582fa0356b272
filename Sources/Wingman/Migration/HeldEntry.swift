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
        return Array("\(self.batch) \(word) \(time) ".utf8) + Self.escaped(name) + [Self.lineEnd] + self.entry.payload
    }

    init(batch: String, place: Place, entry: Entry) {
        self.batch = batch
        self.place = place
        self.entry = entry
    }

    /// Reads what ``encoded`` wrote; nil for anything else.
    ///
    /// By bytes, for a name may join what stands before it to one `Character`: a line end to a carriage return, a space to
    /// an accent.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstIndex(of: Self.lineEnd) else { return nil }
        let fields = bytes[..<end].split(separator: UInt8(ascii: " "), maxSplits: 3, omittingEmptySubsequences: false)
        let words = fields.prefix(3).map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 4, let place = Place(word: words[1], name: Self.unescaped(fields[3])) else { return nil }
        let time = Double(words[2])
        guard time != nil || words[2] == "-" else { return nil }
        self.init(
            batch: words[0],
            place: place,
            entry: Entry(payload: Array(bytes[(end + 1)...]), at: time)
        )
    }

    private static let lineEnd = UInt8(ascii: "\n")
    private static let percent = UInt8(ascii: "%")

    /// A name comes from outside and may hold a line end.
    private static func escaped(_ name: String) -> [UInt8] {
        name.utf8.flatMap { byte in
            switch byte {
            case Self.percent: Array("%25".utf8)
            case Self.lineEnd: Array("%0A".utf8)
            default: [byte]
            }
        }
    }

    private static func unescaped(_ name: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = name
        while let byte = rest.popFirst() {
            if byte == Self.percent, rest.starts(with: "25".utf8) || rest.starts(with: "0A".utf8) {
                bytes.append(rest.first == UInt8(ascii: "2") ? Self.percent : Self.lineEnd)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
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
