internal import HiredisNIO
internal import Wingman

/// What `beat.lua` is given and answers.
enum BeatCall {
    static func encode(_ beat: Beat, _ script: RedisScript) -> RedisScriptCall {
        var call = script.call(capacity: beat.work.reduce(1_024) { $0 + 160 + $1.payload.count * 9 / 8 })
        call.append(beat.process.rawValue)
        call.append(beat.kind.word)
        call.append(beat.lease.wholeMilliseconds)
        call.append(beat.number)
        call.append(beat.info)
        call.append(beat.concurrency)
        call.append(beat.isQuiet ? "true" : "false")
        call.append(beat.residentKiB)
        call.append(beat.roundTripMicroseconds)
        call.append(beat.work.count)
        for work in beat.work {
            call.append(work.thread)
            call.append(work.json)
        }
        call.append(beat.executions.count)
        for metric in beat.executions { Self.append(metric, to: &call) }
        return call
    }

    private static func append(_ metric: ExecutionMetric, to call: inout RedisScriptCall) {
        call.append(metric.jobClass)
        call.append(metric.processed)
        call.append(metric.failed)
        call.append(metric.milliseconds)
        let buckets = metric.histogram.enumerated().filter { $0.element > 0 }
        call.append(buckets.count)
        for (bucket, count) in buckets {
            call.append(bucket)
            call.append(count)
        }
    }

    static func decode(_ reply: RESPValue, _ script: RedisScript) throws(StoreError) -> BeatReply {
        var cursor = try ReplyCursor(reply, of: script)
        switch try cursor.text() {
        case "refused": return .refused
        case "alive": break
        default: throw cursor.malformed("known word")
        }
        let signals = try cursor.texts()
        var lanes: [Int: Int] = [:]
        while !cursor.isAtEnd {
            let lane = try cursor.integer()
            lanes[lane] = try cursor.integer()
        }
        return .alive(lanes: lanes, signals: signals)
    }
}

extension Beat.Kind {
    fileprivate var word: String {
        switch self {
        case .register: "new"
        case .renew: "renew"
        }
    }
}

extension Beat.Work {
    /// As Sidekiq's pages parse it: the payload is JSON inside a JSON string. What is not UTF-8 is replaced, for a reader
    /// would refuse it.
    var json: [UInt8] {
        var json = JSONWriter()
        json.bytes.reserveCapacity(self.payload.count * 9 / 8 + self.queue.utf8.count + 64)
        json.object { work in
            work.member("queue") { $0.string(self.queue) }
            work.member("payload") { $0.string(String(decoding: self.payload, as: UTF8.self)) }
            work.member("run_at") { $0.integer(self.startedAt) }
        }
        return json.bytes
    }
}
