internal import HiredisNIO
public import Wingman

/// What operators do with places, queues and processes.
extension RedisStore {
    /// LRANGE or ZRANGE. Entries of a sorted set that are equal jobs differ by trailing white space.
    public func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry] {
        let offset = max(0, offset)
        guard limit > 0 else { return [] }
        let last = limit > Int.max - offset ? Int.max : offset + limit - 1
        guard place.isSorted else {
            // What is next stands last in the list.
            let reply = try await self.send(RedisCommand("LRANGE", place.key, "\(-1 - last)", "\(-1 - offset)"))
            return (reply.array ?? []).reversed().map { Entry(payload: $0.bytes ?? []) }
        }
        var command = RedisCommand("ZRANGE", place.key, "\(offset)", "\(last)")
        if place.showsNewestFirst { command.append("REV") }
        command.append("WITHSCORES")
        let reply = try await self.send(command).array ?? []
        return stride(from: 0, to: reply.count - reply.count % 2, by: 2).map { index in
            Entry(payload: reply[index].bytes ?? [], at: reply[index + 1].double)
        }
    }

    /// One script. In queues and lists each entry is looked for from the end that runs next, which takes the server time
    /// in proportion to their length.
    public func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int {
        guard !edits.isEmpty else { return 0 }
        let script = self.scripts.edit
        var call = script.call(capacity: edits.reduce(128) { $0 + 128 + 2 * $1.entry.payload.count })
        call.append(place.isSorted ? "zset" : "list")
        call.append(place.key)
        for edit in edits {
            call.append(edit.entry.payload)
            guard let (place, entry) = edit.destination else {
                call.append(0)
                continue
            }
            call.append(Entry.words(to: place))
            call.append(entry, to: place)
        }
        var cursor = try ReplyCursor(await self.run(call, on: self.work), of: script)
        let first = try cursor.next()
        guard let found = first.integer else {
            throw StoreError(.unexpected, "entries of \(place) were not edited: \(try cursor.text())")
        }
        return found
    }

    /// Sidekiq Pro's set `paused`.
    public func setPaused(_ isPaused: Bool, queue: String) async throws {
        var call = self.scripts.pause.call()
        call.append(queue)
        call.append(isPaused ? 1 : 0)
        _ = try await self.run(call, on: self.work)
    }

    /// Sidekiq Pro's set `paused`.
    public func pausedQueues() async throws -> Set<String> {
        Set(try await self.send(RedisCommand("SMEMBERS", "paused")).array?.compactMap(\.string) ?? [])
    }

    /// As the buttons of Sidekiq's page do: a signal is forgotten after a minute.
    public func signal(_ process: ProcessID, _ signal: String) async throws {
        var call = self.scripts.signal.call()
        call.append(process.rawValue)
        call.append(signal)
        _ = try await self.run(call, on: self.life)
    }
}

extension Place {
    /// How the place is named in Redis.
    var key: String {
        switch self {
        case .queue(let name): Source.queue(name).key
        case .list(let key): key
        case .retry: "retry"
        case .schedule: "schedule"
        case .later(let list): "wingman:later:\(list)"
        case .dead: "dead"
        case .quarantine: "wingman:quarantine"
        }
    }

    /// Whether it is a sorted set; else it is a list.
    var isSorted: Bool {
        switch self {
        case .queue, .list: false
        case .retry, .schedule, .later, .dead, .quarantine: true
        }
    }

    fileprivate var showsNewestFirst: Bool {
        switch self {
        case .dead, .quarantine: true
        case .queue, .list, .retry, .schedule, .later: false
        }
    }
}
