/// A queue and its share: Sidekiq's `-q name,weight`.
public struct QueueWeight: Sendable, Equatable {
    /// The bare name.
    public var name: String
    /// How often it comes first, relative to the others; 0 in all queues means the order written.
    public var weight: Int

    /// A queue with a weight of 0: strict.
    public init(_ name: String, weight: Int = 0) {
        self.name = name
        self.weight = max(0, weight)
    }

    /// Reads `name` or `name,weight`.
    ///
    /// - Throws: ``ConfigurationError`` if the name is empty or the weight is not a number.
    public init(parsing text: String) throws {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty, parts.count <= 2 else {
            throw ConfigurationError(["queue \"\(text)\": write `name` or `name,weight`"])
        }
        guard parts.count == 2 else {
            self.init(String(name))
            return
        }
        guard let weight = Int(parts[1]), (0...1_000).contains(weight) else {
            throw ConfigurationError(["queue \"\(text)\": the weight is a whole number from 0 to 1000"])
        }
        self.init(String(name), weight: weight)
    }
}

/// In which order the queues are asked at each claim. Exactly Sidekiq's three modes (its BasicFetch).
struct QueueOrder: Sendable {
    /// What Sidekiq calls it in `info`.
    enum Mode: String, Sendable {
        /// The order written, always: the first queue starves the rest while it has jobs.
        case strict
        /// Every weight is 1: shuffled at each claim.
        case random
        /// Shuffled at each claim, each queue as often in the hat as its weight says.
        case weighted
    }

    let mode: Mode
    let queues: [QueueWeight]
    private let hat: [Source]

    init(_ queues: [QueueWeight]) {
        let weights = queues.map(\.weight)
        self.queues = queues
        self.mode =
            weights.allSatisfy { $0 == 0 } ? .strict : weights.allSatisfy { $0 == 1 } ? .random : .weighted
        self.hat = queues.flatMap { Array(repeating: Source.queue($0.name), count: max(1, $0.weight)) }
    }

    /// The sources in the order of the next claim, each once.
    func next(using generator: inout some RandomNumberGenerator) -> [Source] {
        switch self.mode {
        case .strict: Self.unique(self.hat)
        case .random, .weighted: Self.unique(self.hat.shuffled(using: &generator))
        }
    }

    private static func unique(_ sources: [Source]) -> [Source] {
        guard sources.count > 1 else { return sources }
        var seen: Set<Source> = []
        return sources.filter { seen.insert($0).inserted }
    }
}
