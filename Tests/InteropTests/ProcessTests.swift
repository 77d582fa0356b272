import TestSupport
import Testing

extension InteropTests {
    /// Ruby's API sees our process, its work and its numbers, and steers it.
    @Suite struct ProcessTests {
        /// A worker with three places on two queues, and two long jobs that it runs.
        static func withBusyWorker(_ body: (Stage, LoadWorker, [String]) async throws -> Void) async throws {
            try await Stage.with { stage in
                let queues = ["critical,2", "default"]
                let worker = try await LoadWorker.start(
                    on: stage.server,
                    queues: queues,
                    concurrency: 3,
                    stopTimeout: 1
                )
                let long = #"{"how":"plain","class":"Sleep","args":[600000],"queue":"critical"}"#
                let jids = try await stage.ruby.push([long, long])
                try await stage.ruby.sees("two busy jobs") { seen in seen["work"].elements.count == 2 }
                try await body(stage, worker, jids)
            }
        }

        @Test func theProcessSetShowsOurProcess() async throws {
            try await Self.withBusyWorker { stage, worker, _ in
                let seen = try await stage.ruby.inspect()
                #expect(seen["processes"].elements.count == 1)
                let process = try #require(seen["processes"].elements.first)
                #expect(process["identity"] == .string(worker.identity))
                #expect(process["pid"] == .number(Double(worker.child.pid)))
                #expect(process["hostname"].string == worker.identity.split(separator: ":").first.map(String.init))
                #expect(process["concurrency"] == .number(3))
                #expect(Set(process["queues"].elements) == [.string("critical"), .string("default")])
                #expect(process["busy"] == .number(2))
                #expect(process["stopping"] == .bool(false))
                #expect(process["started_at"].number ?? 0 > 1.6e9)
                #expect(process["beat"].number ?? 0 > 1.6e9)
                #expect(process["rss"].number ?? 0 > 1_000)
                #expect(process["rtt_us"].number ?? 0 > 0)
                #expect(process["tag"].string != nil)
                #expect(seen["total_concurrency"] == .number(3))
            }
        }

        @Test func theWorkSetShowsTheRunningJobs() async throws {
            try await Self.withBusyWorker { stage, worker, jids in
                let seen = try await stage.ruby.inspect()
                let work = seen["work"].elements
                #expect(Set(work.map { item in item["work"]["payload"]["jid"].string ?? "" }) == Set(jids))
                #expect(Set(work.map { item in item["tid"].string ?? "" }).count == 2)
                for item in work {
                    #expect(item["identity"] == .string(worker.identity))
                    #expect(item["work"]["queue"] == .string("critical"))
                    #expect(1.6e9..<1e11 ~= item["work"]["run_at"].number ?? 0)  // seconds, never milliseconds
                }
                #expect(seen["work_size"] == .number(2))
                // Sidekiq 7 and 8 read the same under another name.
                #expect(try await stage.server.cli("HLEN", "\(worker.identity):work") == "2")
                #expect(try await stage.server.cli("HLEN", "\(worker.identity):workers") == "2")
            }
        }

        @Test func statisticsAndQueuesAreReadByRuby() async throws {
            try await Self.withBusyWorker { stage, _, _ in
                let waiting = try await stage.ruby.push([#"{"how":"plain","class":"NoOp","args":[],"queue":"other"}"#])
                _ = try await stage.ruby.push([#"{"how":"bulk","class":"NoOp","args":[[],[],[]]}"#])
                // How many are busy is told by a beat: one may have been written while the short ones ran.
                let seen = try await stage.ruby.sees("three jobs done, and two that run") { seen in
                    seen["stats"]["processed"] == .number(3) && seen["stats"]["busy"] == .number(2)
                }
                #expect(seen["stats"]["enqueued"] == .number(1))
                #expect(seen["stats"]["processes"] == .number(1))
                #expect(seen["stats"]["processed_today"] == .number(3))
                #expect(seen["queues"]["other"] == .array(waiting.map(JSON.string)))
                #expect(seen["queues"]["critical"].elements.isEmpty)
            }
        }

        @Test func quietFromRubysAPIStopsFetchingAndStopEndsTheProcess() async throws {
            try await Self.withBusyWorker { stage, worker, jids in
                try await stage.ruby.run("control.rb", "quiet")
                try await stage.ruby.sees("a quiet process") { seen in
                    seen["processes"].elements.first?["stopping"] == .bool(true)
                }
                let late = try await stage.ruby.push([#"{"how":"plain","class":"NoOp","args":[]}"#])
                try await Self.waitForBeats(2, of: worker, on: stage.server)
                #expect(try await stage.ruby.inspect()["queues"]["default"] == .array(late.map(JSON.string)))

                try await stage.ruby.run("control.rb", "stop")
                #expect(try await worker.child.waitForExit() == .exited(0))
                let seen = try await stage.ruby.inspect()
                #expect(seen["processes"].elements.isEmpty)
                #expect(seen["work"].elements.isEmpty)
                #expect(Set(seen["queues"]["critical"].elements) == Set(jids.map(JSON.string)))
                #expect(seen["stats"]["processed"] == .number(0))
            }
        }

        @Test func theNumbersOfSidekiq8sMetricsPageAreWritten() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let failing = #"{"how":"plain","class":"Fail","args":["no"]}"#
                _ = try await stage.ruby.push([#"{"how":"bulk","class":"NoOp","args":[[],[],[]]}"#, failing])
                try await stage.ruby.sees("four jobs done") { seen in seen["stats"]["processed"] == .number(4) }
                _ = try await worker.stop()
                let keys = try await stage.server.cli("KEYS", "j|*").split(separator: "\n").map(String.init)
                #expect(keys.count >= 2)  // by minute and by ten minutes, more when a minute ended meanwhile
                var done = 0
                for key in keys where key.split(separator: ":").last?.count == 2 {
                    done += Int(try await stage.server.cli("HGET", key, "NoOp|p")) ?? 0
                }
                #expect(done == 3)
                #expect(try await !stage.server.cli("KEYS", "h|NoOp-*").isEmpty)
            }
        }

        /// Waits until the process has beaten so many more times: then it has had its chance to do something wrong.
        private static func waitForBeats(_ count: Int, of worker: LoadWorker, on server: RedisServer) async throws {
            for _ in 0..<count {
                let before = try await server.cli("HGET", worker.identity, "beat")
                try await eventually("a beat") { try await server.cli("HGET", worker.identity, "beat") != before }
            }
        }
    }
}
