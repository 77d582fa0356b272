import TestSupport
import Testing

@testable import Supervision

#if canImport(Glibc)
    import Glibc
#endif

@Suite("To systemd")
struct SystemdTests {
    /// The environment that systemd would give.
    private static func environment(
        _ socket: DatagramSocket,
        watchdog: Duration? = nil,
        process: Int32? = nil
    ) -> (String) -> String? {
        { name in
            switch name {
            case "NOTIFY_SOCKET": socket.address
            case "WATCHDOG_USEC": watchdog.map { "\(Int64($0 / .microseconds(1)))" }
            case "WATCHDOG_PID": process.map { "\($0)" }
            default: nil
            }
        }
    }

    private static func lines(_ socket: DatagramSocket) -> [String] {
        socket.receive().flatMap { $0.split(separator: "\n").map(String.init) }
    }

    private static func specification(_ stage: Stage) -> SupervisorSpecification {
        SupervisorSpecification("root") {
            stage.child("core", readiness: .signal(within: .seconds(30)), obeys: .cancellation)
            SupervisorSpecification(
                "extras",
                intensity: Intensity(0, within: .seconds(60)),
                giveUp: .park(retryAfter: nil)
            ) {
                stage.child("flaky")
            }
        }
    }

    @Test("a tree tells when it is ready, what ails it, and when it stops", arguments: [false, true])
    func life(isAbstract: Bool) async throws {
        let stage = Stage()
        let socket = try DatagramSocket(isAbstract: isAbstract)
        let root = try stage.make(Self.specification(stage))
        let notifier = try #require(SystemdNotifier(root, variable: Self.environment(socket)))
        await stage.run(root)
        #expect(Self.lines(socket) == ["STATUS=starting"])
        await stage.act { stage["core"].ready() }
        #expect(Self.lines(socket) == ["READY=1", "STATUS=running"])
        await stage.act { stage["flaky"].fail() }
        #expect(Self.lines(socket) == ["STATUS=running, degraded: extras/flaky parked"])
        await stage.act { stage["core"].fail() }
        #expect(Self.lines(socket) == ["STATUS=running, not ready: core restarting, extras/flaky parked"])
        await stage.time.advance(by: .seconds(1))
        await stage.act { stage["core"].ready() }
        #expect(Self.lines(socket).last == "STATUS=running, degraded: extras/flaky parked", "and READY=1 is said once")
        await stage.act { root.stop() }
        #expect(Self.lines(socket) == ["STOPPING=1", "STATUS=stopping"])
        await stage.stop()
        #expect(Self.lines(socket) == ["STATUS=finished"])
        notifier.cancel()
    }

    @Test("the watchdog is fed twice an interval, by the root's loop, and not while something essential is down")
    func watchdog() async throws {
        let stage = Stage()
        let socket = try DatagramSocket()
        let root = try stage.make(Self.specification(stage))
        let variable = Self.environment(socket, watchdog: .seconds(20), process: getpid())
        let notifier = try #require(SystemdNotifier(root, variable: variable))
        await stage.time.advance(by: .seconds(25))
        #expect(Self.beats(socket) == 0, "a timer proves nothing: the root's loop does not go round yet")
        await stage.run(root)
        _ = Self.beats(socket)
        await stage.time.advance(by: .seconds(10))
        #expect(Self.beats(socket) == 1, "a start takes as long as it takes")
        await stage.act { stage["core"].ready() }
        await stage.time.advance(by: .seconds(60))
        #expect(Self.beats(socket) == 6)
        await stage.act { stage["flaky"].fail() }
        await stage.time.advance(by: .seconds(20))
        #expect(Self.beats(socket) == 2, "an extra is not essential")
        await stage.act { stage["core"].fail() }
        await stage.time.advance(by: .seconds(20))
        #expect(root.tree().health == .notReady)
        #expect(Self.beats(socket) == 0, "something essential is down")
        await stage.act { stage["core"].ready() }
        await stage.time.advance(by: .seconds(20))
        #expect(Self.beats(socket) == 2)
        notifier.cancel()
        _ = Self.beats(socket)
        await stage.stop()
        #expect(socket.receive().isEmpty, "cancelled")
    }

    @Test("the watchdog is fed while a tree stops, which may take long")
    func watchdogWhileStopping() async throws {
        let stage = Stage()
        let socket = try DatagramSocket()
        let root = try stage.make(SupervisorSpecification("root") { stage.child("slow", obeys: .cancellation) })
        let variable = Self.environment(socket, watchdog: .seconds(4))
        let notifier = try #require(SystemdNotifier(root, variable: variable))
        await stage.run(root)
        _ = Self.beats(socket)
        await stage.act { root.stop() }
        await stage.time.advance(by: .seconds(9))
        #expect(Self.beats(socket) == 4)
        await stage.stop()
        notifier.cancel()
    }

    private static func beats(_ socket: DatagramSocket) -> Int {
        Self.lines(socket).count { $0 == "WATCHDOG=1" }
    }

    @Test("the watchdog of another process is none of ours, nor is one that is no number")
    func otherWatchdog() async throws {
        let process: Int32 = 4_711
        func interval(_ values: [String: String]) -> Duration? {
            SystemdNotifier.watchdogInterval({ values[$0] }, process: process)
        }
        #expect(interval(["WATCHDOG_USEC": "3000000"]) == .seconds(3))
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "4711"]) == .seconds(3))
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"]) == nil)
        #expect(interval(["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "x"]) == nil)
        for text in ["", "0", "-1", "3s", "99999999999999999999"] { #expect(interval(["WATCHDOG_USEC": text]) == nil) }
        #expect(interval([:]) == nil)
    }

    @Test("nothing is told where nobody asked, and nothing breaks where nobody listens")
    func nobody() async throws {
        let stage = Stage()
        let root = try stage.make(SupervisorSpecification("root") { stage.child("a") })
        #expect(SystemdNotifier(root, variable: { _ in nil }) == nil)
        for address in ["", "relative", "vsock:2:1234", "@", "/" + String(repeating: "x", count: 200)] {
            #expect(SystemdNotifier(root, variable: { $0 == "NOTIFY_SOCKET" ? address : nil }) == nil, "\(address)")
        }
        let gone = "/tmp/wingman-nobody-\(getpid())"
        let notifier = SystemdNotifier(root, variable: { $0 == "NOTIFY_SOCKET" ? gone : nil })
        await stage.run(root)
        #expect(notifier != nil)
        #expect(root.tree().state == .running)
        await stage.stop()
    }

    @Test("what a full socket refuses is told again later")
    func full() async throws {
        let stage = Stage()
        let socket = try DatagramSocket()
        #expect(socket.fill() > 0)
        let root = try stage.make(SupervisorSpecification("root") { stage.child("a") })
        let notifier = try #require(SystemdNotifier(root, variable: Self.environment(socket)))
        await stage.run(root)
        #expect(!Self.lines(socket).contains("READY=1"))
        await stage.time.advance(by: .seconds(1))
        #expect(Self.lines(socket) == ["READY=1", "STATUS=running"])
        await stage.stop()
        notifier.cancel()
    }

    @Test("a name with a line end in it does not become an assignment of its own")
    func injection() throws {
        var notes = ManagerNotes()
        let stage = Stage()
        let specification = SupervisorSpecification("root") { stage.child("a\nMAINPID=1") }
        var tree = TreeNode(specification, path: "root")
        tree.state = .running
        #expect(notes.lines(for: tree, isBeat: false) == ["STATUS=running, not ready: a MAINPID=1 pending"])
    }

    @Test("a list of ailing services ends somewhere")
    func longList() {
        let stage = Stage()
        var tree = TreeNode(SupervisorSpecification("root") { for i in 0..<9 { stage.child("c\(i)") } }, path: "root")
        tree.state = .running
        #expect(tree.status == "running, not ready: c0 pending, c1 pending, c2 pending and 6 more")
    }
}
