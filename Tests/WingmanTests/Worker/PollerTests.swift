import Supervision
import TestSupport
import Testing

@testable import Wingman

/// Fails on jobs of one class, refuses those of another.
private struct Picky: ClientMiddleware {
    let failing: Counter64

    func process(_ job: inout OutgoingJob) async throws -> PushVerdict {
        if job.jobClass == "Poison" {
            self.failing.add()
            throw Breakage()
        }
        if job.jobClass == "Hanging" { await Gate().passage() }
        if job.jobClass == "Moving" { job.queue = "elsewhere" }
        return job.jobClass == "Refused" ? .refuse : .push
    }
}

private struct PollerFixture {
    let time = ManualTime()
    let store = ScriptedStore()
    let life = ProcessLife()
    let failing = Counter64()

    init() {
        self.life.confirmCandidate(at: self.time.now, lease: .seconds(1_000_000))
    }

    /// Entries of the retry set that are due; what is promoted leaves them.
    func hold(_ entries: [String]) {
        let store = self.store
        let bytes = entries.map { Array($0.utf8) }
        self.store.with { state in
            state.onDue = { set, limit in
                guard set == .retry else { return DueReply(entries: [], nextDue: nil) }
                let gone = Set(store.with { $0.promoted.flatMap(\.promotions).map(\.entry) })
                return DueReply(entries: Array(bytes.filter { !gone.contains($0) }.prefix(limit)), nextDue: nil)
            }
        }
    }

    func start(isQuiet: @escaping @Sendable () -> Bool = { false }) -> Task<Void, any Error> {
        let poller = Poller(
            store: self.store,
            client: Client(store: self.store, middleware: [Picky(failing: self.failing)]),
            life: self.life,
            time: self.time,
            logger: quietLogger,
            isQuiet: isQuiet,
            calls: LimitedCalls { [time] in time.executor }
        )
        return Task(executorPreference: self.time.executor) { try await poller.run() }
    }

    var promotions: [Promotion] { self.store.with { $0.promoted.flatMap(\.promotions) } }

    func stop(_ task: Task<Void, any Error>) async {
        task.cancel()
        _ = await task.result
    }
}

extension Promotion {
    fileprivate var entry: [UInt8] {
        switch self {
        case .push(let entry, _, _), .deliver(let entry, _, _), .drop(let entry), .bury(let entry, _): entry
        }
    }
}

@Suite("The poller")
struct PollerTests {
    @Test("Due jobs are pushed with a new time and without `at`, bytes else as they were")
    func promotes() async throws {
        let fixture = PollerFixture()
        let entry = #"{"class":"A","args":[1.0,99999999999999999999],"queue":"low","at":7,"x":[]}"#
        fixture.hold([entry, #"{"class":"B","args":[]}"#])
        let task = fixture.start()
        await fixture.time.settle()
        guard case .push(let old, let queue, let payload) = try #require(fixture.promotions.first),
            case .push(_, "default", _) = fixture.promotions[1]
        else { return #expect(Bool(false), "not pushed") }
        #expect(old.text == entry)
        #expect(queue == "low")
        let new = try JobPayload(payload)
        #expect(new.due == nil)
        #expect(new.enqueuedAt != nil)
        #expect(new.text.hasPrefix(#"{"class":"A","args":[1.0,99999999999999999999],"queue":"low""#))
        #expect(new.text.contains(#""x":[]"#))
        await fixture.stop(task)
    }

    @Test("Middleware that hangs on one job keeps no other one waiting for long")
    func hanging() async {
        let fixture = PollerFixture()
        fixture.hold([#"{"class":"Hanging","args":[]}"#, #"{"class":"A","args":[]}"#])
        let task = fixture.start()
        await fixture.time.settle()
        #expect(fixture.promotions.isEmpty)
        await fixture.time.advance(by: LimitedCalls.limit)
        guard case .push(let entry, _, _)? = fixture.promotions.first else { return #expect(Bool(false), "not pushed") }
        #expect(entry.text == #"{"class":"A","args":[]}"#)
        await fixture.stop(task)
    }

    @Test("What middleware refuses is dropped, what is no job is buried, and a changed queue is the member, too")
    func kinds() async throws {
        let fixture = PollerFixture()
        fixture.hold(["nonsense", #"{"class":"Refused","args":[]}"#, #"{"class":"Moving","args":[],"queue":"a"}"#])
        let task = fixture.start()
        await fixture.time.settle()
        let promotions = fixture.promotions
        guard promotions.count == 3, case .bury = promotions[0], case .drop = promotions[1],
            case .push(_, "elsewhere", let payload) = promotions[2]
        else { return #expect(Bool(false), "\(promotions)") }
        #expect(try JobPayload(payload).queue == "elsewhere")
        await fixture.stop(task)
    }

    @Test(
        "What is JSON but no job is buried as a string, which Sidekiq's page can show",
        arguments: ["[1]", "null", "{}", "x"]
    )
    func buried(entry: String) async {
        let fixture = PollerFixture()
        fixture.hold([entry])
        let task = fixture.start()
        await fixture.time.settle()
        guard case .bury(_, let kept)? = fixture.promotions.first else { return #expect(Bool(false), "not buried") }
        #expect(kept.text == (["{}", "x"].contains(entry) ? entry : "\"\(entry)\""))
        await fixture.stop(task)
    }

    @Test("An entry on which middleware fails stays, does not block the others, and is tried again later")
    func poison() async {
        let fixture = PollerFixture()
        let poison = #"{"class":"Poison","args":[]}"#
        fixture.hold([poison] + (0..<3).map { #"{"class":"A","args":[\#($0)]}"# })
        let task = fixture.start()
        await fixture.time.settle()
        #expect(fixture.promotions.count == 3)
        #expect(fixture.failing.count == 1)
        await fixture.time.advance(by: .seconds(9))
        #expect(fixture.failing.count == 1)
        await fixture.time.advance(by: .seconds(2))
        #expect(fixture.failing.count == 2)
        #expect(fixture.promotions.count == 3)
        await fixture.stop(task)
    }

    @Test("Even more poison than a batch holds does not block what is behind it")
    func muchPoison() async {
        let fixture = PollerFixture()
        let poison = (0..<Poller.batch + 20).map { #"{"class":"Poison","args":[\#($0)]}"# }
        fixture.hold(poison + [#"{"class":"A","args":[]}"#])
        let task = fixture.start()
        await fixture.time.advance(by: .seconds(60))
        #expect(fixture.promotions.count == 1)
        await fixture.stop(task)
    }

    @Test("A full batch is followed by the next at once, and the next due time sets the pause")
    func pace() async {
        let fixture = PollerFixture()
        fixture.hold((0..<1_201).map { #"{"class":"A","args":[\#($0)]}"# })
        let task = fixture.start()
        await fixture.time.advance(by: .zero)
        #expect(fixture.promotions.count == 1_201)
        await fixture.stop(task)
    }

    @Test("A quiet process gives the lead up")
    func quiet() async {
        let fixture = PollerFixture()
        fixture.hold([])
        let life = fixture.life
        let task = fixture.start { life.isQuiet }
        await fixture.time.settle()
        #expect(fixture.store.with { $0.resigned }.isEmpty)
        fixture.life.quiet()
        await fixture.time.advance(by: .seconds(3))
        #expect(fixture.store.with { $0.resigned } == ["poller"])
        await fixture.stop(task)
    }

    @Test("Without a lease it does nothing, and a stop does not wait for one")
    func noLease() async {
        let fixture = PollerFixture()
        fixture.hold([#"{"class":"A","args":[]}"#])
        fixture.life.fence(fixture.life.candidate)
        let task = fixture.start()
        await fixture.time.advance(by: .seconds(10))
        #expect(fixture.promotions.isEmpty)
        await fixture.stop(task)
    }
}

@Suite("Entries set aside")
struct SetAsideTests {
    private let entries: [[UInt8]] = [[1], [2], [3]]

    @Test("An entry is passed over for its pause and then tried again")
    func pause() {
        var setAside = SetAside()
        setAside.add([2], at: .zero)
        #expect(setAside.passable(self.entries, at: .seconds(9)) == [[1], [3]])
        #expect(setAside.passable(self.entries, at: .seconds(10)) == [[1], [3], [2]])
        setAside.add([2], at: .seconds(10))
        #expect(setAside.passable(self.entries, at: .seconds(19)) == [[1], [3]])
    }

    @Test("What has left the set, or went its way, is forgotten")
    func forgets() {
        var setAside = SetAside()
        setAside.add([1], at: .zero)
        setAside.add([2], at: .zero)
        _ = setAside.passable([[2], [3]], at: .seconds(1))
        #expect(setAside.count == 1)
        setAside.remove([2])
        #expect(setAside.count == 0)
    }

    @Test("There is a limit to its memory")
    func limit() {
        var setAside = SetAside()
        for number in 0..<SetAside.limit + 100 {
            setAside.add(Array("\(number)".utf8), at: .zero)
        }
        #expect(setAside.count == SetAside.limit)
    }
}
