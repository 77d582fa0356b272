import Wingman
import WingmanCommand
import WingmanRemoteOrchestrator
import WingmanScheduler

/// The example: three jobs, a service, a schedule and a list of messages, in one process under one supervision tree.
///
/// ```
/// wingman-demo run                                     server mode: jobs, services and plugins run
/// wingman-demo enqueue Greeting '["Ada"]'              client mode: pushes a job and ends
/// wingman-demo tree                                    shows what `run` starts
/// redis-cli LPUSH requests '{"client":"mailer","body":{"to":"ada@example.org","subject":"Hello"}}'
/// ```
@main
struct DemoWorker: WingmanApp {
    /// What may be pushed, by whomever: Swift, Ruby, Python, Go or the web page.
    var jobs: JobList {
        Greeting.self
        Payment.self
        Sweep.self
    }

    /// What is always on. A service that ends, in whatever way, is started again from its factory (`restart: .permanent`).
    var services: ServiceList {
        Supervise("mailer") { Mailer(relay: "smtp.example.org") }
    }

    /// What others wrote: both are compiled in, and configured in this order.
    var plugins: PluginList {
        Scheduler {
            Every(.seconds(5)) { Sweep() }
        }
        RemoteOrchestrator(list: "requests")
    }

    /// What jobs and services share: found by its type, `context.value(Ledger.self)`.
    func prepare(_ values: inout SharedValues) async throws {
        values.put(Ledger())
    }
}
