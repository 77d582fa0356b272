import TestSupport
import Testing

extension FaultTests {
    /// The embedded store under a worker that is killed again and again.
    @Suite struct FileStoreTests {
        @Test func twentyKillsLoseNothingAndDoubleOnlyWhatWasInFlight() async throws {
            let jobs = 10_000
            let kills = 20
            let directory = try TemporaryDirectory("file-store")
            defer { directory.remove() }
            let record = RecordFile(in: directory)
            let store = ["--store", "sqlite:\(directory.file("store.db"))"]
            let program = try BuiltProducts.path("wingman-load")
            let lines = (0..<jobs).map { record.arguments("\($0)", after: 5) }.joined(separator: "\n") + "\n"
            try await ChildProcess.succeed(program, ["enqueue"] + store + ["Record", "--stdin"], input: lines)

            var duplicatesUpTo = 0
            for kill in 1...kills {
                let worker = try await ChildProcess.start(program, ["run"] + store + ["-c", "10"])
                // At random moments, spread over the jobs.
                let moment = (kill - 1) * jobs / (kills + 1) + Int.random(in: 1...(jobs / (kills + 1)))
                try await record.waitForLines(moment)
                try await worker.kill9()
                // What was in flight in this process and those before it, at most.
                duplicatesUpTo += try await Self.inFlight(program, store)
            }
            #expect(record.lines.count < jobs + duplicatesUpTo, "every kill came too late: the test proves nothing")

            let last = try await ChildProcess.start(program, ["run"] + store + ["-c", "10"])
            try await record.waitForLines(jobs, within: .seconds(120))
            last.signal(.terminate)
            #expect(try await last.waitForExit() == .exited(0))
            #expect(Set(record.lines).count == jobs)
            #expect(record.lines.count - jobs <= duplicatesUpTo)
        }

        private static func inFlight(_ program: String, _ store: [String]) async throws -> Int {
            let status = try await ChildProcess.succeed(program, ["status", "--json"] + store)
            let number = status.split(separator: "\"inFlight\":").dropFirst().first?.prefix { $0.isNumber }
            return try #require(number.flatMap { Int($0) })
        }
    }
}
