internal import HiredisNIO
public import Wingman

/// A process's life: beats, leases, rescue, leadership.
extension RedisStore {
    /// Renews the lease and writes Sidekiq's heartbeat, work and metrics keys.
    public func beat(_ beat: Beat) async throws -> BeatReply {
        self.waits.learn(lease: beat.lease)
        return try BeatCall.decode(
            await self.run(BeatCall.encode(beat, self.scripts.beat), on: self.life),
            self.scripts.beat
        )
    }

    /// By way of the graves: landing lists are looked at for another hour.
    public func leave(_ process: ProcessID) async throws -> Bool {
        var call = self.scripts.leave.call()
        call.append(process.rawValue)
        return try await self.run(call, on: self.life).integer == 1
    }

    /// The lease ends at once; the jobs are moved by the next rescue.
    public func abandon(_ process: ProcessID) async throws {
        var call = self.scripts.abandon.call()
        call.append(process.rawValue)
        _ = try await self.run(call, on: self.life)
    }

    private static var rescueLimit: Int { 500 }

    /// At most 500 jobs a call: 9 ms, in which the server does nothing else.
    public func rescue() async throws -> RescueReply {
        var call = self.scripts.rescue.call()
        call.append(Self.rescueLimit)
        var cursor = try ReplyCursor(await self.run(call, on: self.work), of: self.scripts.rescue)
        var reply = RescueReply(moved: try cursor.integer(), hasMore: try cursor.integer() == 1)
        reply.quarantined = try cursor.integer()
        let wait = try cursor.integer()
        reply.nextLook = wait < 0 ? nil : .milliseconds(wait)
        while !cursor.isAtEnd { reply.ended.append(ProcessID(rawValue: try cursor.text())) }
        return reply
    }

    /// A key with a time to live, and a counter of terms.
    public func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        var call = self.scripts.lead.call()
        call.append(role)
        call.append(process.rawValue)
        call.append(max(1, duration.wholeMilliseconds))
        let term = try await self.run(call, on: self.life).integer.flatMap { $0 > 0 ? $0 : nil }
        self.remember(term: term, of: role, process)
        return term
    }

    /// Ends the term under which this store object leads, and no later one.
    public func resign(_ role: String, process: ProcessID) async throws {
        guard let term = self.term(of: role, process) else { return }
        var call = self.scripts.resign.call()
        call.append(role)
        call.append(process.rawValue)
        call.append(term)
        _ = try await self.run(call, on: self.life)
        self.remember(term: nil, of: role, process)
    }
}
