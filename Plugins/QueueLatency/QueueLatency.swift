import Logging
import Metrics
import ServiceLifecycle
public import Wingman

/// Measures how long the next job of each queue has waited, and warns when that is too long.
public struct QueueLatency: Plugin {
    /// `queue-latency`.
    public let name = "queue-latency"
    let limit: Duration?

    static let limit = PluginOption("limit", default: Duration.seconds(60), help: "a longer wait is warned about")
    static let interval = PluginOption("interval", default: Duration.seconds(10), help: "time between two looks") {
        $0 >= .seconds(1) ? nil : "look once a second at most"
    }

    /// Warns about jobs that wait longer than `limit`; by default a minute.
    public init(limit: Duration? = nil) { self.limit = limit }

    /// The options `limit` and `interval`.
    public var descriptor: PluginDescriptor {
        let options = [Self.limit.inCode(self.limit), Self.interval.inCode(nil)]
        return PluginDescriptor(version: "1.0", help: "Warns when jobs wait too long.", options: options)
    }

    /// Adds the service `queue-latency`.
    public func configure(_ host: inout PluginHost) throws {
        let limit = try host.value(of: Self.limit)
        let interval = try host.value(of: Self.interval)
        host.add(
            // In one process at a time: the queues are the same for all.
            ServiceDeclaration("queue-latency", when: .leader) { environment in
                LatencyWatch(environment: environment, limit: limit, interval: interval)
            }
        )
    }
}

struct LatencyWatch: Service {
    let environment: ServiceEnvironment
    let limit: Duration
    let interval: Duration

    func run() async throws {
        try await self.environment.every(self.interval, "measure queues") {
            for queue in try await self.environment.counts().queues.keys.sorted() {
                self.report(try await self.environment.latency(ofQueue: queue), of: queue)
            }
        }
    }

    func report(_ latency: Duration, of queue: String) {
        self.environment.metrics.gauge("seconds", dimensions: [("queue", queue)]).record(latency / .seconds(1))
        guard latency > self.limit else { return }
        let waited = "\(Int(latency / .seconds(1))) s"
        self.environment.logger.warning("jobs wait too long", metadata: ["job.queue": "\(queue)", "job.waited": "\(waited)"])
    }
}
