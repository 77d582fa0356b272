import Testing

@testable import WingmanScheduler

@Suite("Reconciliation")
struct ReconciliationTests {
    static let own = Deployment(application: "app", generation: 5)

    static func record(
        spec: String = "@every 10s",
        application: String = "app",
        generation: Int = 5,
        owner: ScheduleRecord.Owner = .code,
        vanishedAt: Int? = nil
    ) -> ScheduleRecord {
        var record = ScheduleRecord(
            spec: spec,
            owner: owner,
            application: application,
            generation: generation,
            jobClass: "Sweep"
        )
        record.vanishedAt = vanishedAt
        return record
    }

    static func verdict(_ recorded: ScheduleRecord?, othersLive: Bool = true) -> Reconciliation {
        Reconciliation.verdict(
            spec: "@every 10s",
            jobClass: "Sweep",
            choices: PolicyChoices(),
            recorded: recorded,
            own: Self.own,
            isAlive: { _ in othersLive }
        )
    }

    @Test("creates what is new, keeps what is the same, changes what differs")
    func plain() {
        #expect(Self.verdict(nil) == .create)
        #expect(Self.verdict(Self.record()) == .keep)
        #expect(Self.verdict(Self.record(spec: "@every 20s")) == .change)
        #expect(Self.verdict(Self.record(spec: "@every 20s", generation: 4)) == .change)
        #expect(Self.verdict(Self.record(generation: 4)) == .adopt)
        #expect(Self.verdict(Self.record(vanishedAt: 1)) == .adopt)
    }

    @Test("stands aside for a newer deployment that lives, and takes over from one that does not")
    func generations() {
        let changed = Self.record(spec: "@every 20s", generation: 6)
        guard case .standAside = Self.verdict(changed) else {
            Issue.record("the older deployment undoes the newer one")
            return
        }
        #expect(Self.verdict(changed, othersLive: false) == .change)
        #expect(Self.verdict(Self.record(generation: 6)) == .keep)
        #expect(Self.verdict(Self.record(generation: 6), othersLive: false) == .adopt)
    }

    @Test("does not bring back what a newer deployment has removed")
    func removed() {
        let verdict = Reconciliation.verdict(
            spec: "@every 10s",
            jobClass: "Sweep",
            choices: PolicyChoices(),
            recorded: nil,
            hasNewer: true,
            own: Self.own,
            isAlive: { _ in true }
        )
        #expect(verdict == .standAside("a newer deployment has removed it"))
    }

    @Test("reads deployments as it writes them")
    func deployments() {
        let deployment = Deployment(application: "a/b c", generation: 1_700_000_000)
        #expect(Deployment(deployment.text) == deployment)
        #expect(Deployment("app") == nil)
        #expect(Deployment("app/x") == nil)
    }

    @Test("leaves other programs' schedules and those of `cron add` alone")
    func others() {
        for recorded in [Self.record(application: "other"), Self.record(owner: .dynamic)] {
            guard case .standAside = Self.verdict(recorded) else {
                Issue.record("it is taken over")
                return
            }
        }
        // The program has got a new name: nobody is left under the old one.
        #expect(Self.verdict(Self.record(application: "other"), othersLive: false) == .adopt)
    }

    @Test("marks what a later deployment lacks, and removes it after the grace")
    func vanished() {
        let verdict: (ScheduleRecord, Int) -> Vanishing = { record, now in
            Vanishing.verdict(record, own: Self.own, grace: 1_000, now: now)
        }
        #expect(verdict(Self.record(generation: 4), 0) == .mark)
        #expect(verdict(Self.record(generation: 4, vanishedAt: 500), 1_499) == .keep)
        #expect(verdict(Self.record(generation: 4, vanishedAt: 500), 1_500) == .remove)
        #expect(verdict(Self.record(generation: 5, vanishedAt: 500), 9_000) == .keep)
        #expect(verdict(Self.record(generation: 6), 0) == .keep)
        #expect(verdict(Self.record(application: "other", generation: 4), 0) == .keep)
        #expect(verdict(Self.record(generation: 4, owner: .dynamic), 0) == .keep)
    }
}
