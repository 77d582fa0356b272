import Supervision
import TestSupport
import Testing

@testable import Wingman

@Suite("The rescuer")
struct RescuerTests {
    @Test(
        "It looks again when the store says that there may be something, at the latest after its own pause",
        arguments: [
            (next: Duration?.some(.milliseconds(1_200)), pause: Duration.milliseconds(1_200)),
            (.some(.seconds(14)), .seconds(5)), (nil, .seconds(5)), (.some(.zero), .milliseconds(100)),
        ]
    )
    func nextLook(next: Duration?, pause: Duration) async {
        let time = ManualTime()
        let store = ScriptedStore()
        let life = ProcessLife()
        life.confirmCandidate(at: time.now, lease: .seconds(1_000))
        let looks = Counter64()
        store.with { state in
            state.onRescue = {
                looks.add()
                return RescueReply(moved: 0, hasMore: false, nextLook: next)
            }
        }
        let rescuer = Rescuer(store: store, life: life, time: time, logger: quietLogger, timing: LeaseTiming())
        let task = Task(executorPreference: time.executor) { try await rescuer.run() }
        await time.settle()
        #expect(looks.count == 1)
        await time.advance(by: pause - .milliseconds(1))
        #expect(looks.count == 1)
        await time.advance(by: .milliseconds(1))
        #expect(looks.count == 2)
        task.cancel()
        _ = await task.result
    }

    @Test("It calls again at once as long as there is more, then rests; nobody who stops waits for the end of it")
    func more() async {
        let time = ManualTime()
        let store = ScriptedStore()
        let life = ProcessLife()
        life.confirmCandidate(at: time.now, lease: .seconds(1_000))
        let looks = Counter64()
        store.with { state in
            state.onRescue = {
                looks.add()
                return RescueReply(moved: 0, hasMore: looks.count < 5, nextLook: .seconds(1))
            }
        }
        let rescuer = Rescuer(store: store, life: life, time: time, logger: quietLogger, timing: LeaseTiming())
        let task = Task(executorPreference: time.executor) { try await rescuer.run() }
        await time.settle()
        #expect(looks.count == 5)
        await time.advance(by: .milliseconds(999))
        #expect(looks.count == 5, "nothing is left")
        // From here on there is always more.
        store.with { state in
            state.onRescue = {
                looks.add()
                if looks.count == 50 { withUnsafeCurrentTask { $0?.cancel() } }
                return RescueReply(moved: 0, hasMore: looks.count < 1_000, nextLook: .seconds(1))
            }
        }
        await time.advance(by: .milliseconds(1))
        _ = await task.result
        #expect(looks.count == 50)
    }
}
