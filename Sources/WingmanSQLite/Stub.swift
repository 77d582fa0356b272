public import Logging
public import Wingman

/// Holds the place of the store, which lands with the branch `sqlite`.
public final class SQLiteStore: Store, Sendable {
    public let location = ""
    public init(url: String, logger: Logger) throws(StoreError) { throw StoreError(.refused, "not there yet") }
    public func open() async throws {}
    public func close() async {}
    public func enqueue(_ jobs: [PushedJob]) async throws {}
    public func beat(_ beat: Beat) async throws -> BeatReply { .refused }
    public func leave(_ process: ProcessID) async throws -> Bool { true }
    public func abandon(_ process: ProcessID) async throws {}
    public func rescue() async throws -> RescueReply { RescueReply(moved: 0, hasMore: false) }
    public func step(_ step: Step) async throws -> StepReply { .fenced }
    public func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool { false }
    public func stopWaiting(process: ProcessID) async throws {}
    public func due(in set: DueSet, limit: Int) async throws -> DueReply { DueReply(entries: [], nextDue: nil) }
    public func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int { 0 }
    public func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? { nil }
    public func resign(_ role: String, process: ProcessID) async throws {}
    public func counts() async throws -> StoreCounts { StoreCounts() }
    public func processes() async throws -> [ProcessReport] { [] }
}
