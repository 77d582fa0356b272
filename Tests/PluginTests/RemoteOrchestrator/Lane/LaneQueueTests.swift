import TestSupport
import Testing

@testable import WingmanRemoteOrchestrator

@Suite("The queue of a lane")
struct LaneQueueTests {
    @Test("runs the oldest message only, and no other while that rests")
    func ordered() {
        var queue = LaneQueue(.ordered)
        #expect(queue.credit == 1)
        for ticket in 1...3 { queue.add(ticket) }
        let value1 = queue.start(at: .zero)
        #expect(value1 == [1])
        let value2 = queue.start(at: .zero)
        #expect(value2 == [])
        queue.rest(1, until: .seconds(5))
        #expect(queue.nextTry(after: .seconds(4)) == .seconds(5))
        #expect(queue.start(at: .seconds(4)) == [])
        #expect(queue.credit == 0)
        #expect(queue.start(at: .seconds(5)) == [1])
        let (first, second) = (queue.end(1, after: .seconds(1)), queue.end(1))
        #expect(first && !second)
        #expect(queue.start(at: .seconds(5)) == [2])
        let value3 = queue.takeIdle()
        #expect(value3 == [3])
        let value4 = queue.takeAll()
        #expect(value4 == [2])
        #expect(queue.isEmpty && queue.nextTry(after: .zero) == nil)
    }

    @Test("runs as many as it is wide, whatever their keys, and claims no more")
    func concurrent() {
        var queue = LaneQueue(.concurrent(3))
        for ticket in 1...3 { queue.add(ticket, key: "same") }
        #expect(queue.credit == 0)
        let value5 = queue.start(at: .zero)
        #expect(value5 == [1, 2, 3])
        queue.end(2, after: .zero)
        #expect(queue.credit == 1)
    }

    @Test("runs messages of different keys beside each other, those of one key in order, those without in no order")
    func byKey() {
        var queue = LaneQueue(.byKey(3))
        for (ticket, key) in [(1, "a"), (2, "a"), (3, nil), (4, "b"), (5, nil)] as [(Int, String?)] {
            queue.add(ticket, key: key)
        }
        let value6 = queue.start(at: .zero)
        #expect(value6 == [1, 3, 4])
        queue.rest(1, until: .seconds(9))
        let value7 = queue.start(at: .zero)
        #expect(value7 == [5])
        queue.end(5)
        queue.end(3)
        // The second of `a` waits for the first, though there is room.
        let value8 = queue.start(at: .zero)
        #expect(value8 == [])
        #expect(queue.start(at: .seconds(9)) == [1])
        queue.end(1)
        #expect(queue.start(at: .seconds(9)) == [2])
    }

    @Test("claims ahead while messages are handled within a moment, and stops when they are not")
    func pace() {
        var queue = LaneQueue(.ordered)
        for ticket in 1...100 {
            queue.add(ticket)
            _ = queue.start(at: .zero)
            queue.end(ticket, after: .microseconds(100))
        }
        #expect(queue.credit == 65)
        for ticket in 101...104 {
            queue.add(ticket)
            _ = queue.start(at: .zero)
            queue.end(ticket, after: .seconds(1))
        }
        #expect(queue.credit == 1)
    }

    @Test("holds on to one that is given up until its end, wherever it stands")
    func begun() {
        var queue = LaneQueue(.ordered)
        for ticket in 1...3 { queue.add(ticket) }
        let (first, waiting, again, unknown) = (
            queue.start(at: .zero), queue.begin(2), queue.begin(2), queue.begin(9)
        )
        #expect(first == [1] && waiting && !again && !unknown)
        queue.end(1)
        let next = queue.start(at: .zero)
        #expect(next == [])
        let idle = queue.takeIdle()
        #expect(idle == [3])
        queue.end(2)
        #expect(queue.isEmpty)
    }

    @Test("is at least one and at most 500 wide", arguments: [(-5, 1), (0, 1), (7, 7), (501, 500), (Int.max, 500)])
    func width(asked: Int, given: Int) {
        #expect(LaneQueue(.concurrent(asked)).credit == given)
        #expect(InboundLanes.byKey(asked).width == given)
        #expect(LaneQueue(.byKey(asked)).credit <= 500)
    }

    @Test(
        "in any sequence of events: keeps the order of each key, the width and the credit, and loses nothing",
        arguments: [InboundLanes.ordered, .concurrent(1), .concurrent(5), .byKey(1), .byKey(4)],
        0..<40 as Range<UInt64>
    )
    func sequences(lanes: InboundLanes, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var model = LaneModel(lanes)
        for _ in 0..<400 { model.event(using: &generator) }
        model.finish(using: &generator)
        #expect(model.faults.isEmpty)
        #expect(model.ended.count == model.claimed)
    }
}

/// What the queue must agree with: every message with its key and state, in one list.
private struct LaneModel {
    var queue: LaneQueue
    let lanes: InboundLanes
    var now = Duration.zero
    var claimed = 0
    var ended: [Int] = []
    var faults: [String] = []
    private var keys: [Int: String] = [:]
    private var running: Set<Int> = []
    private var open: [Int] = []

    init(_ lanes: InboundLanes) {
        self.lanes = lanes
        self.queue = LaneQueue(lanes)
    }

    mutating func event(using generator: inout SeededGenerator) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<4: self.claim(using: &generator)
        case 4..<7: self.end(using: &generator)
        case 7: self.rest(using: &generator)
        case 8: self.now += .seconds(Int.random(in: 0...3, using: &generator))
        default: if Int.random(in: 0..<10, using: &generator) == 0 { self.giveBack() }
        }
        self.start()
    }

    mutating func finish(using generator: inout SeededGenerator) {
        var steps = 0
        while !self.open.isEmpty, steps < 100_000 {
            steps += 1
            self.now += .seconds(10)
            self.start()
            self.end(using: &generator)
        }
        if !self.queue.isEmpty { self.faults.append("something is left") }
    }

    private mutating func claim(using generator: inout SeededGenerator) {
        let credit = self.queue.credit
        if credit > InboundLanes.most { self.faults.append("credit \(credit)") }
        for _ in 0..<min(credit, Int.random(in: 0...6, using: &generator)) {
            self.claimed += 1
            if Bool.random(using: &generator) {
                self.keys[self.claimed] = "\(Int.random(in: 0..<4, using: &generator))"
            }
            self.open.append(self.claimed)
            self.queue.add(self.claimed, key: self.keys[self.claimed])
        }
        if case .concurrent = self.lanes, self.open.count > self.lanes.width { self.faults.append("claimed too many") }
    }

    private mutating func start() {
        for ticket in self.queue.start(at: self.now) {
            if !self.running.insert(ticket).inserted { self.faults.append("\(ticket) runs twice") }
            let older = self.open.prefix { $0 != ticket }
            switch self.lanes {
            case .ordered: if !older.isEmpty { self.faults.append("\(ticket) overtakes \(older)") }
            case .byKey:
                let key = self.keys[ticket]
                if let key, older.contains(where: { self.keys[$0] == key }) {
                    self.faults.append("\(ticket) overtakes")
                }
            case .concurrent: break
            }
        }
        if self.running.count > self.lanes.width { self.faults.append("\(self.running.count) run") }
        if self.queue.running != self.running.count { self.faults.append("counts differ") }
    }

    private mutating func end(using generator: inout SeededGenerator) {
        guard let ticket = self.running.sorted().randomElement(using: &generator) else { return }
        self.queue.end(ticket, after: .milliseconds(Int.random(in: 0...30, using: &generator)))
        self.running.remove(ticket)
        self.open.removeAll { $0 == ticket }
        self.ended.append(ticket)
    }

    private mutating func rest(using generator: inout SeededGenerator) {
        guard let ticket = self.running.sorted().randomElement(using: &generator) else { return }
        self.queue.rest(ticket, until: self.now + .seconds(Int.random(in: 0...3, using: &generator)))
        self.running.remove(ticket)
    }

    /// What does not run goes back: the newest first.
    private mutating func giveBack() {
        let idle = self.queue.takeIdle()
        if idle != self.open.filter({ !self.running.contains($0) }).reversed() {
            self.faults.append("given back \(idle)")
        }
        self.open.removeAll { idle.contains($0) }
        self.ended += idle
    }
}
