/// Moves all waiting jobs from one store to another: queued, due later, to be retried, dead and quarantined ones, in
/// their order.
///
/// It goes batch by batch, and each batch takes three steps, every one atomic in its store:
///
/// 1. In the source the entries move from their place into a holding list (``holdingList``), marked with a batch number.
/// 2. In the target they are added, together with a key that says so; where the key is there already, nothing is added.
/// 3. In the source they are deleted from the holding list.
///
/// So a process that is killed anywhere leaves each job in exactly one of the two stores or in the holding list, and the
/// next migration begins with what it finds there. An answer that was lost is asked for again, with the same outcome.
/// The key outlives its batch: whoever read the batch too, or a request that comes late, finds it and adds nothing.
///
/// What plugins keep stays in the source, see ``keysLeft()``: their keys are records of what was done there, by that
/// store's clock, and only a plugin could say which of them still hold beside what it keeps in the target already.
public struct Migration: Sendable {
    /// The list of the source in which jobs lie while they are on their way.
    public static let holdingList = "wingman:migration"

    /// What was moved so far.
    public struct Progress: Sendable, Equatable {
        /// Jobs that are in the target.
        public var moved = 0
        /// Jobs that waited in the source at the beginning.
        public var total = 0
        /// Where the last batch came from.
        public var place: Place?
    }

    /// Entries of a batch, and about how many bytes of them.
    private static let batchCount = 500
    private static let batchBytes = 4 << 20
    /// The key space of the target that holds the batches that arrived.
    private static let namespace = "wingman-migration"
    /// Longer than anybody leaves a migration half done. A batch that is done keeps its marker as well: another migration
    /// that is still alive may have read the batch before us, and a request we gave up may still be carried out.
    private static let markerExpiry = Duration.seconds(90 * 86_400)

    private let source: any Store
    private let target: any Store
    private let lists: [String]
    private let batchPrefix: String

    /// A migration from `source` to `target`.
    ///
    /// - Parameter lists: Plain lists to move as well, such as the inbox of an orchestrator: a store does not know which
    ///   of its lists are messages.
    public init(from source: any Store, to target: any Store, lists: [String] = []) {
        self.source = source
        self.target = target
        self.lists = lists
        self.batchPrefix = String(UInt64.random(in: 0..<(1 << 62)), radix: 36)
    }

    /// Why it should not be begun now: processes that work on one of the stores, or jobs that are still in flight. Empty if
    /// nothing speaks against it.
    ///
    /// - Parameter now: This machine's time, in seconds since 1970. A process that has not beaten for a minute is over.
    public func objections(now: Double) async throws -> [String] {
        var objections: [String] = []
        for store in [self.source, self.target] {
            let alive = try await store.processes().filter { now - $0.beatAt < 60 }
            guard !alive.isEmpty else { continue }
            let names = alive.map(\.process.rawValue).sorted().joined(separator: ", ")
            objections.append("\(store.location): still used by \(names); stop them first")
        }
        let inFlight = try await self.source.counts().inFlight
        if inFlight > 0 {
            objections.append(
                "\(self.source.location): \(inFlight) jobs are in flight in processes that ended without giving them "
                    + "back; start a worker on it for half a minute, so that they return to their queues"
            )
        }
        return objections
    }

    /// Whether both stores are the same one, by whatever names: to move from it to itself would never end.
    public func isWithinOneStore() async throws -> Bool {
        let mark = StoreKey(Self.namespace, "mark-\(self.batchPrefix)")
        let bytes = Array(self.batchPrefix.utf8)
        _ = try await self.repeated { try await self.source.apply(Change([.put(mark, bytes, expiry: .seconds(60))])) }
        let isSame = try await self.target.values(of: [mark]).first == bytes
        _ = try await self.repeated { try await self.source.apply(Change([.delete(mark)])) }
        return isSame
    }

    /// How many keys plugins keep in the source, by their names. They are not moved: there these plugins begin anew.
    public func keysLeft() async throws -> [String: Int] {
        try await self.source.keyCounts().filter { $0.key != Self.namespace }
    }

    /// Moves everything, reporting after each batch.
    ///
    /// - Returns: What was moved.
    /// - Throws: ``StoreError``. Nothing is lost or doubled by that; call it again to go on.
    public func run(_ report: @Sendable (Progress) -> Void = { _ in }) async throws -> Progress {
        var progress = Progress()
        let counts = try await self.source.counts()
        let held = try await self.held()
        progress.total = counts.queues.values.reduce(0, +) + counts.scheduled + counts.retries + counts.dead
        progress.total += counts.quarantined + held.count
        try await self.deliverHeld(&progress, report)
        for queue in try await self.source.pausedQueues().sorted() {
            try await self.target.setPaused(true, queue: queue)
        }
        let queues =
            counts.queues.keys.sorted().map(Place.queue)
            + self.lists.flatMap { [Place.later($0), Place.list($0)] }
        var number = 0
        for place in [.retry, .schedule, .dead, .quarantine] + queues {
            var isEmpty = false
            var portion = ReadPortion(mostCount: Self.batchCount, mostBytes: Self.batchBytes)
            while !isEmpty {
                // A number for each request, not for each answer: should the one whose answer was lost come late, and find
                // twins of what it names, then these are a batch of their own, and not one that has arrived already.
                isEmpty = try await self.repeated {
                    number += 1
                    return try await !self.hold(&portion, from: place, batch: "\(self.batchPrefix)-\(number)")
                }
                try await self.deliverHeld(&progress, report)
            }
        }
        return progress
    }

    /// Step 1. If we die behind it, the next migration begins with step 2 of this batch.
    ///
    /// - Returns: False if the place is empty.
    private func hold(_ portion: inout ReadPortion, from place: Place, batch: String) async throws -> Bool {
        var entries = try await self.source.entries(in: place, from: 0, limit: portion.count)
        guard !entries.isEmpty else { return false }
        portion.came(entries: entries.count, bytes: entries.reduce(0) { $0 + $1.payload.count })
        var bytes = 0
        entries = Array(
            entries.prefix { entry in
                defer { bytes += entry.payload.count }
                return bytes < Self.batchBytes
            }
        )
        let edits = entries.map { entry in
            let held = HeldEntry(batch: batch, place: place, entry: entry)
            return EntryEdit.move(entry, to: .list(Self.holdingList), as: Entry(payload: held.encoded))
        }
        _ = try await self.source.edit(edits, in: place)
        return true
    }

    /// Steps 2 and 3 for all that is held.
    private func deliverHeld(_ progress: inout Progress, _ report: @Sendable (Progress) -> Void) async throws {
        while true {
            let held = try await self.held()
            guard let first = held.first else { return }
            let batch = held.prefix { $0.batch == first.batch }
            try await self.deliver(Array(batch))
            progress.moved += batch.count
            progress.place = first.place
            report(progress)
        }
    }

    private func deliver(_ batch: [HeldEntry]) async throws {
        guard let first = batch.first else { return }
        let marker = StoreKey(Self.namespace, first.batch)
        let additions = batch.map { Effect.add($0.entry, to: $0.place) }
        let change = Change(
            if: [.absent(marker)],
            additions + [.put(marker, Array("\(batch.count)".utf8), expiry: Self.markerExpiry)]
        )
        _ = try await self.repeated { try await self.target.apply(change) }
        let deletions = batch.map { EntryEdit.delete(Entry(payload: $0.encoded)) }
        _ = try await self.repeated { try await self.source.edit(deletions, in: .list(Self.holdingList)) }
    }

    /// What is on its way, each batch of it whole: of one that was seen in two parts, the second would be refused.
    private func held() async throws -> [HeldEntry] {
        let entries = try await self.source.entries(in: .list(Self.holdingList), from: 0, limit: 2 * Self.batchCount)
        return try entries.map { entry in
            guard let held = HeldEntry(entry.payload) else {
                throw StoreError(
                    .unexpected,
                    "\(self.source.location): the list \(Self.holdingList) holds something that no migration put there; "
                        + "look at it and move it away, then call migrate again"
                )
            }
            return held
        }
    }

    /// Asks once more where an answer was lost: every step here may be repeated. Each is refused, or finds nothing left to
    /// do, if it was carried out the first time.
    private func repeated<Result>(_ call: () async throws -> Result) async throws -> Result {
        do {
            return try await call()
        } catch let error as StoreError where error.mayHaveRun {
            return try await call()
        }
    }
}
