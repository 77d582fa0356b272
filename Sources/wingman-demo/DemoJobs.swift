import Wingman

/// The plainest job. Its properties in order are the arguments: `["Ada"]`.
struct Greeting: Job {
    var name: String

    func perform(_ context: JobContext) async throws {
        Console.say("Greeting   hello, \(self.name) (job \(context.jobID))")
    }
}

/// A job that fails now and then: here always at its first attempt.
///
/// A thrown error means another attempt: by default 25 of them, the first after about 15 seconds, the last after three
/// weeks. This job chooses a shorter delay; up to ten seconds of jitter are added. It may run twice after a crash, so the
/// ledger takes each order once only.
struct Payment: Job {
    static let options = JobOptions(retry: .attempts(5), timeout: .seconds(10))

    struct Declined: Error, CustomStringConvertible {
        let description: String
    }

    var order: Int
    var cents: Int

    func perform(_ context: JobContext) async throws {
        guard context.attempt > 1 else {
            Console.say("Payment    order \(self.order): attempt \(context.attempt) is declined, a retry follows")
            throw Declined(description: "the bank does not answer")
        }
        let total = try context.value(Ledger.self).book(order: self.order, cents: self.cents)
        Console.say("Payment    order \(self.order): paid at attempt \(context.attempt), \(total) cents in the ledger")
    }

    static func retry(after error: any Error, retryCount: Int) -> RetryChoice {
        .after(.seconds(1))
    }
}

/// The job of the schedule: once every five seconds, however many workers run. It pushes another job.
struct Sweep: Job {
    func perform(_ context: JobContext) async throws {
        Console.say("Sweep      the schedule's turn")
        try await context.client.push(Greeting(name: "the sweeper"))
    }
}
