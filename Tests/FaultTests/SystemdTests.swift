import TestSupport
import Testing

extension FaultTests {
    /// A worker as a unit of `Type=notify`.
    @Suite struct SystemdTests {
        @Test(arguments: [false, true])
        func aWorkerTellsItsServiceManagerHowItIs(isAbstract: Bool) async throws {
            try await RedisServer.with { server in
                let socket = try DatagramSocket(isAbstract: isAbstract)
                let worker = try await LoadWorker.start(
                    on: server,
                    environment: ["NOTIFY_SOCKET": socket.address, "WATCHDOG_USEC": "1000000"]
                )
                var lines: [String] = []
                try await eventually("ready and three beats") {
                    lines += socket.receive().flatMap { $0.split(separator: "\n").map(String.init) }
                    return lines.count { $0 == "WATCHDOG=1" } >= 3 && lines.contains("READY=1")
                }
                #expect(lines.contains("STATUS=running"))
                #expect(lines.first == "STATUS=starting")
                #expect(!lines.contains("STOPPING=1"))
                worker.child.signal(.quiet)
                try await eventually("quiet") { socket.receive().contains { $0.contains("STATUS=quiet") } }
                #expect(try await worker.stop() == .exited(0))
                #expect(socket.receive().contains { $0.hasPrefix("STOPPING=1") })
            }
        }

        @Test func aWorkerWithoutALeaseIsNotReady() async throws {
            try await RedisServer.with { server in
                try await server.cli("SET", "wingman:leases", "not a sorted set")
                let socket = try DatagramSocket()
                let child = try await ChildProcess.start(
                    try BuiltProducts.path("wingman-load"),
                    ["run", "--store", server.url],
                    environment: ["NOTIFY_SOCKET": socket.address, "WATCHDOG_USEC": "200000"]
                )
                var notes: [String] = []
                try await eventually("five beats") {
                    notes += socket.receive()
                    return notes.count { $0 == "WATCHDOG=1" } >= 5
                }
                #expect(!notes.contains { $0.contains("READY=1") })
                child.signal(.terminate)
                #expect(try await child.waitForExit() == .exited(0))
            }
        }
    }
}
