import Testing

@testable import WingmanScheduler

@Suite("An outage of the store, seen by the scheduler")
struct OutageTests {
    @Test("doubles the wait up to half a minute")
    func waits() {
        var outage = Outage()
        let waits = (0..<9).map { _ in outage.failed(jitter: 1).wait }
        #expect(waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { .seconds($0) })
    }

    @Test("takes off up to half of the wait, so that processes do not come back as one")
    func jitter() {
        var outage = Outage()
        let waits = [0, 0.5, -7, 7].map { outage.failed(jitter: $0).wait }
        #expect(waits == [.milliseconds(250), .milliseconds(750), .seconds(1), .seconds(4)])
    }

    @Test("is told once at its start and once at its end")
    func telling() {
        var outage = Outage()
        let told = [
            outage.succeeded(),
            outage.failed(jitter: 1).isFirst,
            outage.failed(jitter: 1).isFirst,
            outage.succeeded(),
            outage.succeeded(),
        ]
        #expect(told == [false, true, false, true, false])
        let again = outage.failed(jitter: 1)
        #expect(again == (.milliseconds(500), true))
    }
}
