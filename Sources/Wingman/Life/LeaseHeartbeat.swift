import Logging
import ServiceLifecycle
import Supervision

/// Holds the process's lease: registers each incarnation, renews it every three seconds, and leaves at the end.
///
/// Runs on the timer thread, never on the cooperative pool: jobs that compute must not cost the process its lease.
struct LeaseHeartbeat: Service {
    let life: ProcessLife
    let store: any Store
    let time: any Timekeeper
    let logger: Logger
    let timing: LeaseTiming
    let reporter: ProcessReporter
    /// What a beat leads to in the rest of the process.
    let onBeat: @Sendable (Incarnation, _ signals: [String]) -> Void
    let bell: Bell

    func run() async throws {
        let beats = Beats(heartbeat: self)
        self.life.setHeartbeatWaker { [bell] in bell.ring() }
        defer { self.life.setHeartbeatWaker(nil) }
        await turns(bell: self.bell, on: self.time) { await beats.turn() }
        await beats.last()
        await self.leave()
    }

    /// Everything is settled or given back by now. If we die before this, the lease runs out and the rescuer finds
    /// nothing to move.
    private func leave() async {
        let incarnation = self.life.candidate
        self.life.end()
        do {
            if try await !self.store.leave(incarnation.process) {
                self.logger.warning("left jobs behind: they are rescued when the lease runs out")
            }
        } catch {
            self.logger.warning("could not leave the store, the lease will run out", metadata: ["error": "\(error)"])
        }
    }
}

/// How long a lease lasts and how often it is renewed.
public struct LeaseTiming: Sendable {
    /// Between two beats.
    public var beat: Duration
    /// From a beat until the process counts as dead: five beats.
    public var lease: Duration
    /// Between two scans for what dead processes held.
    public var rescue: Duration

    /// Three, fifteen and five seconds: what a killed process held runs again within 20 s.
    public init(beat: Duration = .seconds(3), lease: Duration = .seconds(15), rescue: Duration = .seconds(5)) {
        self.beat = beat
        self.lease = lease
        self.rescue = rescue
    }

    /// What is wrong with it.
    var faults: [String] {
        var faults: [String] = []
        if self.beat <= .zero { faults.append("the time between two beats must be positive") }
        if self.rescue <= .zero { faults.append("the time between two rescues must be positive") }
        if self.beat * 3 > self.lease {
            faults.append("a lease must be at least three beats long, or one lost beat ends it")
        }
        return faults
    }
}

/// The state between beats; lives inside the heartbeat's one task.
private final class Beats {
    private static let pauseAfterRefusal = Duration.milliseconds(100)

    let heartbeat: LeaseHeartbeat
    private var registered: Incarnation?
    private var outage: Outage
    private var roundTrip = Duration.zero
    /// Of the next beat; a beat whose answer was lost is sent again under its number, so that its figures count once.
    private var number = 1

    init(heartbeat: LeaseHeartbeat) {
        self.heartbeat = heartbeat
        self.outage = Outage(what: "beat", logger: heartbeat.logger)
    }

    /// One beat.
    ///
    /// - Returns: When the next one is due.
    func turn() async -> Duration {
        let incarnation = self.heartbeat.life.candidate
        let isRegistered = incarnation == self.registered
        if !isRegistered { self.number = 1 }
        let acknowledged = self.heartbeat.life.acknowledgedSteps
        let began = self.heartbeat.time.now
        do {
            let reply = try await self.heartbeat.store.beat(
                self.beat(of: incarnation, isRegistered ? .renew : .register)
            )
            self.outage.end(at: self.heartbeat.time.now)
            return await self.accept(reply, incarnation, acknowledged: acknowledged, began: began)
        } catch {
            // The store may have registered us without our knowing: the identity is thrown away with its lease.
            if !isRegistered, (error as? StoreError)?.mayHaveRun == true {
                self.heartbeat.life.fence(incarnation, wakesHeartbeat: false)
            }
            return self.outage.failed(error, at: self.heartbeat.time.now)
        }
    }

    /// Takes the figures of the last jobs to the store, which would be lost with the process. Only tried where the last
    /// beat got through.
    func last() async {
        let incarnation = self.heartbeat.life.candidate
        guard incarnation == self.registered, !self.outage.isOpen, self.heartbeat.reporter.hasFigures else { return }
        let reply = try? await self.heartbeat.store.beat(self.beat(of: incarnation, .renew))
        if case .alive? = reply { self.heartbeat.reporter.acknowledged() }
    }

    private func beat(of incarnation: Incarnation, _ kind: Beat.Kind) -> Beat {
        self.heartbeat.reporter.beat(
            incarnation,
            kind: kind,
            number: self.number,
            lease: self.heartbeat.timing.lease,
            roundTrip: self.roundTrip
        )
    }

    private func accept(
        _ reply: BeatReply,
        _ incarnation: Incarnation,
        acknowledged: [Int: Int],
        began: Duration
    ) async -> Duration {
        switch reply {
        case .alive(let lanes, let signals):
            guard await self.remembers(acknowledged, lanes, incarnation) else { return .zero }
            self.registered = incarnation
            self.number += 1
            self.roundTrip = self.heartbeat.time.now - began
            // Counted from before the request: the store's lease cannot have begun earlier.
            self.heartbeat.life.confirm(incarnation, until: began + self.heartbeat.timing.lease)
            self.heartbeat.reporter.acknowledged()
            Supervision.Incarnation.current?.ready()
            self.heartbeat.onBeat(incarnation, signals)
            return max(.zero, self.heartbeat.timing.beat - self.roundTrip)
        case .refused:
            self.heartbeat.logger.warning(
                "this process's identity is no longer ours: going on under a new one",
                metadata: ["process.id": "\(incarnation.process)"]
            )
            self.heartbeat.life.fence(incarnation, wakesHeartbeat: false)
            // A lost lease is replaced at once; a store that refuses newborn identities is not pressed.
            return incarnation == self.registered ? .zero : Self.pauseAfterRefusal
        }
    }

    /// Whether the store knows every step it has acknowledged to us. If not, its tail was lost: jobs we settled are in
    /// flight again under our name, so we give the name up and they are rescued.
    private func remembers(_ acknowledged: [Int: Int], _ lanes: [Int: Int], _ incarnation: Incarnation) async -> Bool {
        guard acknowledged.contains(where: { lanes[$0.key, default: 0] < $0.value }) else { return true }
        self.heartbeat.logger.error(
            "the store lost its last writes: giving this identity up",
            metadata: ["process.id": "\(incarnation.process)"]
        )
        try? await self.heartbeat.store.abandon(incarnation.process)
        self.heartbeat.life.fence(incarnation, wakesHeartbeat: false)
        return false
    }
}
