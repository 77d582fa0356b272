import Supervision
import Synchronization

/// Says at each beat what this process is and does, in the form that Sidekiq's pages read (sidekiq-wire.md §6).
final class ProcessReporter: Sendable {
    private let configuration: ServerConfiguration
    private let statistics: ExecutionStatistics
    private let managers: [(capsule: CapsuleConfiguration, manager: Manager)]
    private let time: any Timekeeper
    private let startedAt = WallClock.seconds()
    private let isQuiet = Atomic(false)
    private let shown = Mutex(ShownPayloads())

    init(
        configuration: ServerConfiguration,
        capsules: [(capsule: CapsuleConfiguration, manager: Manager)],
        statistics: ExecutionStatistics,
        time: any Timekeeper
    ) {
        self.configuration = configuration
        self.managers = capsules
        self.statistics = statistics
        self.time = time
    }

    /// From here on the process is shown as quiet.
    func quiet() { self.isQuiet.store(true, ordering: .relaxed) }

    /// The last beat reached the store.
    func acknowledged() { self.statistics.acknowledge() }

    /// Whether there are executions that no acknowledged beat has reported.
    var hasFigures: Bool { self.statistics.hasFigures }

    func beat(
        _ incarnation: Incarnation,
        kind: Beat.Kind,
        number: Int,
        lease: Duration,
        roundTrip: Duration
    ) -> Beat {
        Beat(
            process: incarnation.process,
            kind: kind,
            number: number,
            lease: lease,
            info: self.info(incarnation.process),
            concurrency: self.managers.reduce(0) { $0 + $1.capsule.concurrency },
            isQuiet: self.isQuiet.load(ordering: .relaxed),
            residentKiB: Host.residentKiB(),
            roundTripMicroseconds: Int(roundTrip.nanoseconds / 1_000),
            work: self.work(),
            executions: self.statistics.report()
        )
    }

    /// Jobs that run now.
    private func work() -> [Beat.Work] {
        let now = self.time.now
        let wall = WallClock.seconds()
        let running = self.managers.flatMap { capsule, manager in manager.snapshot().map { (capsule, $0.key, $0.value) }
        }
        return self.shown.withLock { shown in
            shown.keep(Set(running.map(\.2.work.claimed.token)))
            return running.compactMap { capsule, slot, running in
                guard let payload = shown.payload(of: running.work.claimed) else { return nil }
                return Beat.Work(
                    thread: "\(capsule.name)-\(slot)",
                    queue: running.work.claimed.source.name,
                    payload: payload,
                    startedAt: Int(wall - (now - running.startedAt).inSeconds)
                )
            }
        }
    }

    private func info(_ process: ProcessID) -> String {
        let queues = self.managers.flatMap { $0.capsule.queues.map(\.name) }
        var writer = JSONWriter()
        writer.object { info in
            info.member("hostname") { $0.string(Host.name) }
            info.member("started_at") { _ = $0.floating(self.startedAt) }
            info.member("pid") { $0.integer(Host.processNumber) }
            info.member("tag") { $0.string(self.configuration.tag) }
            info.member("concurrency") { $0.integer(self.managers.reduce(0) { $0 + $1.capsule.concurrency }) }
            info.member("capsules") { self.writeCapsules(&$0) }
            info.member("queues") { $0.strings(queues) }
            info.member("weights") { weights in
                weights.array(self.managers.map(\.capsule)) { Self.writeWeights($1, &$0) }
            }
            info.member("labels") { $0.strings(self.configuration.labels) }
            info.member("identity") { $0.string(process.rawValue) }
            info.member("version") { $0.string("wingman \(Release.version)") }
            info.member("embedded") { $0.boolean(false) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func writeCapsules(_ writer: inout JSONWriter) {
        writer.object { capsules in
            for (capsule, _) in self.managers {
                capsules.member(capsule.name) { body in
                    body.object { fields in
                        fields.member("concurrency") { $0.integer(capsule.concurrency) }
                        fields.member("mode") { $0.string(QueueOrder(capsule.queues).mode.rawValue) }
                        fields.member("weights") { Self.writeWeights(capsule, &$0) }
                    }
                }
            }
        }
    }

    private static func writeWeights(_ capsule: CapsuleConfiguration, _ writer: inout JSONWriter) {
        writer.object { weights in
            for queue in capsule.queues {
                weights.member(queue.name) { $0.integer(queue.weight) }
            }
        }
    }
}
