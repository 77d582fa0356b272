import ArgumentParser
import Wingman
import WingmanCommandKit

/// Which jobs of a place a command means: by their ids, or all of them.
struct JobSelection: ParsableArguments {
    @Argument(help: ArgumentHelp("The jobs' ids.", valueName: "jid"))
    var jobIDs: [String] = []

    @Flag(help: "All jobs of the place.")
    var all = false

    func validate() throws {
        if self.jobIDs.isEmpty != self.all { throw ValidationError("Name jobs by their ids, or all by --all.") }
    }

    /// The entries meant.
    ///
    /// - Throws: ``ExitStatus`` if a job is not there.
    func entries(of place: Place, in store: any Store) async throws -> [Entry] {
        var wanted = Set(self.jobIDs)
        var found: [Entry] = []
        try await store.eachEntry(in: place) { entry in
            if self.all {
                found.append(entry)
            } else if let jobID = (try? JobPayload(entry.payload))?.jobID, wanted.remove(jobID) != nil {
                found.append(entry)
            }
            return self.all || !wanted.isEmpty
        }
        guard wanted.isEmpty else {
            let missing = wanted.sorted().joined(separator: ", ")
            throw ExitStatus(
                code: ExitStatus.data,
                message: "\(place): no job with the id \(missing); nothing was done"
            )
        }
        return found
    }

    static func report(_ verb: String, _ count: Int, asJSON isJSON: Bool) throws {
        if isJSON {
            try Output.json([verb: count])
        } else {
            Output.line("\(verb) \(count)")
        }
    }
}

/// What a job of a set becomes when it is to run now: as Sidekiq's pages do it, a retried job gets the attempt back that
/// brought it there.
enum Requeueing {
    /// The job to push.
    ///
    /// - Throws: ``ExitStatus`` if the bytes are no job: it cannot run, but be shown and deleted.
    static func job(of entry: [UInt8]) throws -> PushedJob {
        guard let payload = try? JobPayload(entry) else {
            throw ExitStatus(
                code: ExitStatus.data,
                message: "an entry is no job and cannot run: look at it by jobs show"
            )
        }
        var edits = PayloadEdits()
        if let count = payload.retryCount { edits.set("retry_count", count - 1) }
        edits.set("enqueued_at", .now())
        edits.remove("at")
        let queue = payload.queue.flatMap { $0.isEmpty ? nil : $0 } ?? "default"
        return PushedJob(queue: queue, payload: payload.applying(edits))
    }
}
