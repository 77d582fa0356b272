import Wingman

/// The plugin's keys, reached by a service (its own key space) or by a command (a whole store).
protocol ScheduleStore: Sendable {
    func values(of names: [String]) async throws -> [[UInt8]?]
    func members(of name: String) async throws -> [[UInt8]]
    func apply(_ change: Change) async throws -> ChangeReply
}

extension KeySpace: ScheduleStore {}

/// A whole store, of which only the scheduler's keys are used.
struct CommandKeys: ScheduleStore {
    let store: any Store

    func values(of names: [String]) async throws -> [[UInt8]?] {
        try await self.store.values(of: names.map { StoreKey(Keys.namespace, $0) })
    }

    func members(of name: String) async throws -> [[UInt8]] {
        try await self.store.members(of: StoreKey(Keys.namespace, name))
    }

    func apply(_ change: Change) async throws -> ChangeReply {
        try await self.store.apply(change)
    }
}

/// The names of what the scheduler keeps in the store.
enum Keys {
    static let namespace = "scheduler"
    /// The set of all ids.
    static let ids = "ids"
    /// Counts what others have to hear of: a schedule that came, went, was paused.
    static let version = "version"

    static func record(_ id: String) -> String { "record/\(id)" }
    /// The set of the jobs of a schedule that have not ended.
    static func live(_ id: String) -> String { "live/\(id)" }
    /// The job that takes the place of all before it.
    static func current(_ id: String) -> String { "current/\(id)" }
    static func outcome(_ id: String, slot: Int) -> String { "outcome/\(id)/\(slot)" }
    /// The set of all deployments that were seen: `APPLICATION/GENERATION`.
    static let deployments = "deployments"
    /// Says that processes of a deployment live.
    static func presence(_ deployment: Deployment) -> String {
        "presence/\(deployment.text)"
    }

    static func key(_ name: String) -> StoreKey { StoreKey(self.namespace, name) }
}

extension ScheduleStore {
    /// The records of these schedules, with their bytes. In pieces, so that no reply is huge.
    func records(of ids: [String]) async throws -> [String: (record: ScheduleRecord?, bytes: [UInt8])] {
        var found: [String: (record: ScheduleRecord?, bytes: [UInt8])] = [:]
        var rest = ids[...]
        while !rest.isEmpty {
            let piece = rest.prefix(500)
            rest = rest.dropFirst(500)
            let values = try await self.values(of: piece.map { Keys.record($0) })
            for (id, bytes) in zip(piece, values) {
                if let bytes { found[id] = (RecordText.record(bytes), bytes) }
            }
        }
        return found
    }

    /// All ids in the store, sorted.
    func ids() async throws -> [String] {
        try await self.members(of: Keys.ids).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// The store's time, in milliseconds since 1970.
    func now() async throws -> Int {
        try await self.apply(Change(if: [.reached(milliseconds: .max)], [])).now
    }
}

extension ChangeReply {
    /// The store's time, in milliseconds since 1970.
    var now: Int {
        switch self {
        case .applied(let now), .refused(_, let now): now
        }
    }
}
