import Wingman

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Does nothing. The arguments only give a job the size that benchmarks of other systems use.
struct NoOp: Job {
    var kind: String?
    var id: Int?
    var at: Double?
    var body: String?

    func perform(_ context: JobContext) async throws {}
}

/// Waits without using a thread, and ends at once when it is cancelled.
struct Sleep: Job {
    var milliseconds: Int

    func perform(_ context: JobContext) async throws {
        try await Task.sleep(for: .milliseconds(self.milliseconds))
    }
}

/// Computes, holding a thread of the cooperative pool and hearing no cancellation: what a careless job does.
struct Spin: Job {
    var milliseconds: Int

    func perform(_ context: JobContext) async throws {
        let end = ContinuousClock.now + .milliseconds(self.milliseconds)
        while ContinuousClock.now < end {}
    }
}

/// Waits without using a thread, and goes on when it is cancelled.
struct Deaf: Job {
    var milliseconds: Int

    func perform(_ context: JobContext) async throws {
        let duration = Duration.milliseconds(self.milliseconds)
        // A detached task does not hear the cancellation of the job's own: that is the fault this job is for.
        try await Task.detached { try await Task.sleep(for: duration) }.value
    }
}

/// Waits until it is cancelled, which takes as long as the job was told: its handler blocks.
struct Stubborn: Job {
    var path: String
    var seconds: Int

    func perform(_ context: JobContext) async throws {
        try LineFile(path: self.path).append("begun")
        let seconds = UInt32(self.seconds)
        try await withTaskCancellationHandler {
            try await Task.sleep(for: .seconds(3_600))
        } onCancel: {
            sleep(seconds)
        }
    }
}

/// Appends a line to a file, after a while if told so.
struct Record: Job {
    var path: String
    var line: String
    var milliseconds: Int?

    func perform(_ context: JobContext) async throws {
        if let milliseconds = self.milliseconds {
            try await Task.sleep(for: .milliseconds(milliseconds))
        }
        try LineFile(path: self.path).append(self.line)
    }
}

/// Appends its own jid to a file: the scheduler's job, whose jid names the occurrence.
struct Tick: Job {
    var path: String

    func perform(_ context: JobContext) async throws {
        try LineFile(path: self.path).append(context.jobID)
    }
}

/// Throws.
struct Fail: Job {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    var message: String

    func perform(_ context: JobContext) async throws {
        throw Failure(description: self.message)
    }
}

/// Ends the process by a trap, as an index out of range does.
struct Trap: Job {
    func perform(_ context: JobContext) async throws {
        // A trap is what this job is for.
        fatalError("the job Trap traps")
    }
}
