internal import HiredisNIO
internal import Wingman

/// What `push.lua` is given.
enum PushCall {
    static func encode(_ jobs: [PushedJob], _ script: RedisScript) throws(StoreError) -> RedisScriptCall {
        var queues: [(name: String, jobs: [Int])] = []
        var positions: [String: Int] = [:]
        var size = 256
        for (index, job) in jobs.enumerated() {
            size += job.payload.count + 48
            guard job.runAt == nil else { continue }
            let position = positions[job.queue, default: queues.count]
            if position == queues.count {
                positions[job.queue] = position
                queues.append((job.queue, []))
            }
            queues[position].jobs.append(index)
        }
        var call = script.call(capacity: size)
        call.append(queues.count)
        for queue in queues {
            call.append(queue.name)
            call.append(queue.jobs.count)
            for index in queue.jobs { call.append(jobs[index].payload) }
        }
        for job in jobs {
            guard let runAt = job.runAt else { continue }
            call.append(try Self.score(runAt))
            call.append(job.payload)
        }
        return call
    }

    private static func score(_ runAt: Double) throws(StoreError) -> String {
        guard runAt.isFinite else { throw StoreError(.unexpected, "a job's time is \(runAt); give seconds since 1970") }
        return runAt.description
    }
}
