import TestSupport
import Testing

extension FaultTests {
    /// A worker of a program on a disk that gets full while its jobs run.
    @Suite(.enabled(if: Tmpfs.isAvailable, "needs root and the right to mount a tmpfs"))
    struct FullDiskTests {
        @Test func aFullDiskLosesNothingAndTheWorkerGoesOnWhenThereIsRoom() async throws {
            try await Tmpfs.with(kilobytes: 16_384) { disk in
                let directory = try TemporaryDirectory("full-disk")
                defer { directory.remove() }
                let record = RecordFile(in: directory)
                // The log of writes is never used again from its start: once there is no room, any write fails, also a beat.
                let store = ["--store", "sqlite:\(disk.directory.file("store.db"))?wal_autocheckpoint=1000000"]
                let program = try BuiltProducts.path("wingman-load")
                var accepted: [String] = []
                let lines = (0..<100).map { record.arguments("first \($0)", after: 200) }.joined(separator: "\n") + "\n"
                try await ChildProcess.succeed(program, ["enqueue"] + store + ["Record", "--stdin"], input: lines)
                accepted += (0..<100).map { "first \($0)" }

                let worker = try await ChildProcess.start(program, ["run"] + store + ["-c", "5"])
                try await record.waitForLines(5)
                try disk.fill()
                // Outcomes have no place now, and are kept.
                try await worker.waitForLine(containing: "no space left")
                accepted += try await Self.pushUntilRefused(program, store, record)
                #expect(worker.isRunning)
                disk.makeRoom()

                try await ChildProcess.succeed(program, ["enqueue"] + store + ["Record", record.arguments("last")])
                accepted.append("last")
                try await record.waitForLines(accepted.count)
                try await eventually("all outcomes to be settled") {
                    try await ChildProcess.succeed(program, ["status", "--json"] + store).contains("\"inFlight\":0")
                }
                worker.signal(.terminate)
                #expect(try await worker.waitForExit() == .exited(0))
                // Each ran once: no outcome was forgotten, no lease was lost.
                #expect(record.lines.sorted() == accepted.sorted())
                let whole = store.map { $0.hasPrefix("sqlite:") ? "\($0)&check=full" : $0 }
                let status = try await ChildProcess.succeed(program, ["status", "--json"] + whole)
                #expect(status.contains("\"processed\":\(accepted.count)"), "\(status)")
            }
        }

        /// Pushes until there is no room for more; the push that fails says so.
        ///
        /// - Returns: What was accepted.
        private static func pushUntilRefused(
            _ program: String,
            _ store: [String],
            _ record: RecordFile
        ) async throws -> [String] {
            // Larger than what the log's last page has left.
            let tail = String(repeating: "x", count: 100_000)
            for number in 0..<20 {
                let words = ["enqueue"] + store + ["Record", record.arguments("full \(number) \(tail)")]
                let outcome = try await ChildProcess.run(program, words)
                if outcome.status == .exited(0) { continue }
                #expect(outcome.status == .exited(69))
                #expect(outcome.error.contains("no space left"), "\(outcome.error)")
                return (0..<number).map { "full \($0) \(tail)" }
            }
            throw TestSupportError.process("the disk never gets full")
        }
    }
}
