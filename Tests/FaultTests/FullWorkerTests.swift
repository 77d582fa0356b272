import TestSupport
import Testing

extension FaultTests {
    /// A worker that has enough to do for hours.
    @Suite struct FullWorkerTests {
        @Test func whatIsPushedBesideAFullWorkerRunsInAnIdleOne() async throws {
            try await RedisServer.with { server in
                let record = RecordFile(in: server.directory)
                let full = try await LoadWorker.start(on: server, queues: ["a", "b"], concurrency: 2)
                // Short jobs first: it learns to claim ahead, more than it can run.
                try await Self.enqueue((1...300).map { record.arguments("\($0)") }, to: "a", on: server)
                try await record.waitForLines(300)
                // It waits on both queues when these come.
                try await Self.enqueue(
                    [600_000, 600_000].map { record.arguments("long", after: $0) },
                    to: "a",
                    on: server
                )
                try await eventually("it to be full") {
                    try await server.cli("HLEN", "wingman:inflight:\(full.identity)") == "2"
                }
                try await Self.enqueue([record.arguments("other")], to: "b", on: server)
                let idle = try await LoadWorker.start(on: server, queues: ["b"])
                try await eventually("the other job") { record.lines.contains("other") }
                #expect(try await idle.stop() == .exited(0))
                try await full.child.kill9()
            }
        }

        private static func enqueue(_ arguments: [String], to queue: String, on server: RedisServer) async throws {
            try await ChildProcess.succeed(
                try BuiltProducts.path("wingman-load"),
                ["enqueue", "--store", server.url, "-q", queue, "Record", "--stdin"],
                input: arguments.joined(separator: "\n") + "\n"
            )
        }
    }
}
