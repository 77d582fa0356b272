import TestSupport
import Testing

extension InteropTests {
    /// Jobs cross the border between the languages in both directions.
    @Suite struct ClientTests {
        @Test func aThousandJobsOfRubysClientRunInSwiftOnceEach() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let jids = try await stage.ruby.push(Self.thousandJobs(stage.record))
                #expect(Set(jids).count == 1_000)

                try await stage.record.waitForLines(1_000)
                #expect(try await worker.stop() == .exited(0))
                #expect(stage.record.lines.sorted() == (0..<1_000).map { "line-\($0)" }.sorted())

                let seen = try await stage.ruby.inspect()
                #expect(seen["stats"]["processed"] == .number(1_000))
                #expect(seen["stats"]["processed_today"] == .number(1_000))
                #expect(seen["stats"]["failed"] == .number(0))
                #expect(seen["stats"]["enqueued"] == .number(0))
                #expect(seen["stats"]["scheduled"] == .number(0))
            }
        }

        @Test func jobsPushedFromSwiftRunInARubyWorker() async throws {
            try await Stage.with { stage in
                try await LoadWorker.enqueue("Record", stage.record.arguments("one"), on: stage.server)
                let bulk = (0..<500).map { number in stage.record.arguments("bulk-\(number)") }
                try await LoadWorker.enqueue("Record", each: bulk, on: stage.server)
                #expect(try await stage.ruby.inspect()["stats"]["enqueued"] == .number(501))

                let worker = try await stage.ruby.startWorker()
                try await stage.record.waitForLines(501)
                worker.signal(.terminate)
                _ = try await worker.waitForExit()
                #expect(stage.record.lines.count == 501)
            }
        }

        @Test func aSwiftAndARubyWorkerShareAQueue() async throws {
            try await Stage.with { stage in
                let ruby = try await stage.ruby.startWorker()
                let swift = try await LoadWorker.start(on: stage.server)
                let arguments = (0..<400).map { number in stage.record.arguments("shared-\(number)", after: 5) }
                try await LoadWorker.enqueue("Record", each: arguments, on: stage.server)
                try await stage.record.waitForLines(400)
                #expect(try await swift.stop() == .exited(0))
                ruby.signal(.terminate)
                _ = try await ruby.waitForExit()
                #expect(stage.record.lines.count == 400)
            }
        }

        /// 250 plain, 500 in bulk, 125 in some seconds and 125 at a time.
        private static func thousandJobs(_ record: RecordFile) -> [String] {
            let plain = (0..<250).map { number in
                #"{"how":"plain","class":"Record","args":\#(record.arguments("line-\(number)"))}"#
            }
            let bulk = (250..<750).map { number in record.arguments("line-\(number)") }.joined(separator: ",")
            let later = (750..<1_000).map { number in
                let how = number < 875 ? "in" : "at"
                let arguments = record.arguments("line-\(number)")
                return #"{"how":"\#(how)","seconds":\#(1 + number % 3),"class":"Record","args":\#(arguments)}"#
            }
            return plain + [#"{"how":"bulk","class":"Record","args":[\#(bulk)]}"#] + later
        }
    }
}
