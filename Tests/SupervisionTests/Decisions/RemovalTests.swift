import Testing

@testable import Supervision

@Suite("A child's removal, as the machine orders it")
struct RemovalTests {
    /// A supervisor of one child that is ready.
    private static func machine(_ stop: StopPolicy = StopPolicy()) -> SupervisorMachine {
        let child = ChildSpecification("a", stop: stop) { throw Broken() }
        var machine = SupervisorMachine(SupervisorSpecification("root") { child }, path: "root", seed: 1)
        _ = machine.handle(.start, at: .zero)
        for id in machine.order { _ = machine.handle(.ready(id, generation: 1), at: .zero) }
        return machine
    }

    /// What of the answer to an input frees a name or answers a request, in order.
    private static func trace(_ machine: inout SupervisorMachine, _ input: MachineInput) -> [String] {
        machine.handle(input, at: .seconds(1)).compactMap { action in
            switch action {
            case .forget(_, let child): "forget \(child.name)"
            case .answer(let id, let error): "\(error == nil ? "answer" : "refuse") \(id.rawValue)"
            default: nil
            }
        }
    }

    private static func ask(_ machine: inout SupervisorMachine, _ number: UInt64, _ request: Request) -> [String] {
        Self.trace(&machine, .request(RequestID(rawValue: number), request))
    }

    @Test("whoever waits for the removal of a running child is answered after its name is free, and once")
    func running() throws {
        var machine = Self.machine()
        let id = try #require(machine.names["a"])
        #expect(Self.ask(&machine, 1, .remove("a")) == [])
        #expect(Self.ask(&machine, 2, .remove("a")) == [])
        let ended = Self.trace(&machine, .exited(id, generation: 1, .returned))
        #expect(ended == ["forget a", "answer 1", "answer 2"])
        #expect(Self.ask(&machine, 3, .remove("a")) == ["refuse 3"])
    }

    @Test("one that is abandoned at once, or is down already, is forgotten before the answer, too")
    func down() throws {
        var hasty = Self.machine(StopPolicy(graceful: .zero, cancel: .zero))
        #expect(Self.ask(&hasty, 1, .remove("a")) == ["forget a", "answer 1"])
        var failed = Self.machine()
        let id = try #require(failed.names["a"])
        #expect(Self.trace(&failed, .exited(id, generation: 1, .threw(Broken(), .restart))) == [])
        #expect(Self.ask(&failed, 1, .remove("a")) == ["forget a", "answer 1"])
    }

    @Test("a removal and a termination of one child both come true, in either order", arguments: [false, true])
    func both(terminatesFirst: Bool) throws {
        var machine = Self.machine()
        let id = try #require(machine.names["a"])
        let requests: [Request] = terminatesFirst ? [.terminate("a"), .remove("a")] : [.remove("a"), .terminate("a")]
        for (number, request) in requests.enumerated() {
            #expect(Self.ask(&machine, UInt64(number), request) == [])
        }
        let ended = Self.trace(&machine, .exited(id, generation: 1, .returned))
        #expect(ended == ["forget a", "answer 0", "answer 1"])
        #expect(machine.order.isEmpty)
    }

    @Test("a removal under way when the supervisor stops is answered once")
    func duringStop() throws {
        var machine = Self.machine()
        let id = try #require(machine.names["a"])
        #expect(Self.ask(&machine, 1, .remove("a")) == [])
        #expect(Self.trace(&machine, .stop(cancelling: false)) == [])
        #expect(Self.trace(&machine, .exited(id, generation: 1, .returned)) == ["answer 1"])
    }
}
