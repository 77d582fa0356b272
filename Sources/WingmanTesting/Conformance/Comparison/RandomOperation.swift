internal import SupervisionTesting

/// One operation of a sequence. It draws its choices from a seed of its own, so that others can be left out without
/// changing what it does.
struct RandomOperation: Sendable {
    enum Kind: String, CaseIterable {
        case push, start, beat, step, late, kill, pass, leap, rescue, promote, pause, stop, abandon
        case lead, change, edit, isolate, signal, reopen, look

        /// Whether it may leave something that is ordered by time, and so needs a moment of its own.
        var needsMoment: Bool {
            switch self {
            case .push, .step, .late, .rescue, .promote, .stop, .abandon, .change, .edit, .reopen: true
            case .start, .beat, .kill, .pass, .leap, .pause, .lead, .isolate, .signal, .look: false
            }
        }

        /// How often it comes.
        fileprivate var weight: Int {
            switch self {
            case .step: 60
            case .push, .pass: 16
            case .change: 12
            case .rescue: 10
            case .promote, .beat, .start: 8
            case .late, .edit: 6
            case .kill, .isolate, .stop, .lead, .pause: 4
            case .signal, .look: 2
            case .abandon, .leap, .reopen: 1
            }
        }
    }

    /// What is looked at after an operation.
    enum Look {
        /// Its answers only.
        case answers
        /// Also how much is where.
        case sizes
        /// Also all that can be asked for.
        case contents
    }

    let kind: Kind
    let seed: UInt64
    /// Now and then only: looking takes longer than the operation. Sequences differ in where they look.
    let look: Look

    private static func look(_ random: inout SeededGenerator) -> Look {
        switch random.number(0..<20) {
        case 0: .contents
        case 1..<3: .sizes
        default: .answers
        }
    }

    static func sequence(of count: Int, seed: UInt64) -> [RandomOperation] {
        var random = SeededGenerator(seed: seed)
        let total = Kind.allCases.reduce(0) { $0 + $1.weight }
        return (0..<count).map { _ in
            var point = random.number(0..<total)
            let kind = Kind.allCases.first { kind in
                point -= kind.weight
                return point < 0
            }
            return RandomOperation(kind: kind ?? .step, seed: random.next(), look: Self.look(&random))
        }
    }
}
