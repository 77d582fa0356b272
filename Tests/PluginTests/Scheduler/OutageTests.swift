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
        #expect(outage.failed(jitter: 0).wait == .milliseconds(250))
        #expect(outage.failed(jitter: 0.5).wait == .milliseconds(750))
        #expect(outage.failed(jitter: -7).wait == .seconds(1))
        #expect(outage.failed(jitter: 7).wait == .seconds(4))
    }

    @Test("is told once at its start and once at its end")
    func telling() {
        var outage = Outage()
        #expect(!outage.succeeded())
        #expect(outage.failed(jitter: 1).isFirst)
        #expect(!outage.failed(jitter: 1).isFirst)
        #expect(outage.succeeded())
        #expect(!outage.succeeded())
        #expect(outage.failed(jitter: 1) == (.milliseconds(500), true))
    }
}
