import Supervision
import Synchronization
import TestSupport
import Testing

@testable import Wingman

@Suite("The office of a role")
struct RoleOfficeTests {
    private let time = ManualTime()
    private let store = ScriptedStore()
    private let life = ProcessLife()
    private let told = Notes<LeadershipState>()

    private func start() -> Task<Void, Never> {
        let office = RoleOffice(
            role: "report",
            store: self.store,
            life: self.life,
            time: self.time,
            logger: quietLogger
        )
        let told = self.told
        return Task(executorPreference: self.time.executor) {
            for await state in office.changes() where told.all.last != state { told.add(state) }
        }
    }

    private func grant(_ term: Int?) {
        self.store.with { $0.onLead = { _ in term } }
    }

    private func confirm() {
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(3_600))
    }

    @Test("is asked for once there is a lease, renewed in time, and given up at the end")
    func holds() async {
        let asked = Counter64()
        self.store.with {
            $0.onLead = { role in
                #expect(role == "report")
                asked.add()
                return 7
            }
        }
        let task = self.start()
        await self.time.advance(by: .seconds(10))
        #expect(asked.count == 0)
        self.confirm()
        await self.time.advance(by: .seconds(1))
        #expect(self.told.all == [.leader(term: 7)])
        await self.time.advance(by: .seconds(20))
        #expect(asked.count == 5)
        #expect(self.told.all == [.leader(term: 7)])
        task.cancel()
        await self.time.advance(by: .seconds(1))
        #expect(self.store.with { $0.resigned } == ["report"])
    }

    @Test("passes to whoever asks next when its holder is gone, under a new number")
    func followers() async {
        self.grant(nil)
        self.confirm()
        let task = self.start()
        await self.time.advance(by: .seconds(30))
        #expect(self.told.all == [.follower])
        self.grant(9)
        await self.time.advance(by: .seconds(6))
        #expect(self.told.all == [.follower, .leader(term: 9)])
        task.cancel()
        await self.time.advance(by: .seconds(1))
    }

    @Test("ends by this process's own clock when the store is away, and not before")
    func outage() async {
        self.grant(3)
        self.confirm()
        let task = self.start()
        await self.time.advance(by: .seconds(1))
        self.store.with { $0.onLead = { _ in throw StoreError.away } }
        await self.time.advance(by: .seconds(13))
        #expect(self.told.all == [.leader(term: 3)])
        await self.time.advance(by: .seconds(2))
        #expect(self.told.all == [.leader(term: 3), .follower])
        self.grant(4)
        await self.time.advance(by: .seconds(2))
        #expect(self.told.all.last == .leader(term: 4))
        task.cancel()
        await self.time.advance(by: .seconds(1))
    }

    @Test("is laid down within a second of going quiet, kept from others until the service has stopped, and not renewed")
    func quiet() async {
        let asked = Counter64()
        self.store.with {
            $0.onLead = { _ in
                asked.add()
                return 1
            }
        }
        self.confirm()
        let task = self.start()
        await self.time.advance(by: .seconds(1))
        self.life.quiet()
        await self.time.advance(by: .seconds(1))
        #expect(self.told.all == [.leader(term: 1), .follower])
        await self.time.advance(by: .seconds(30))
        #expect(asked.count == 1)
        #expect(self.store.with { $0.resigned }.isEmpty)
        task.cancel()
        await self.time.advance(by: .seconds(1))
        #expect(self.store.with { $0.resigned } == ["report"])
    }

    @Test("is lost with the lease, and asked for anew under the next identity")
    func fence() async {
        self.grant(1)
        self.confirm()
        let task = self.start()
        await self.time.advance(by: .seconds(1))
        self.life.fence(self.life.candidate)
        self.grant(2)
        self.confirm()
        await self.time.advance(by: .seconds(1))
        #expect(self.told.all == [.leader(term: 1), .leader(term: 2)])
        task.cancel()
        await self.time.advance(by: .seconds(1))
    }
}
