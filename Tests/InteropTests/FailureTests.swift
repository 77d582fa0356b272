import TestSupport
import Testing

extension InteropTests {
    /// What fails in Swift is seen, retried, killed and deleted through Ruby's API.
    @Suite struct FailureTests {
        /// Values that a careless round trip through doubles or dictionaries would change.
        static let note = #""note":{"big":123456789012345678901234567890,"whole":1,"real":1.0,"list":[[],{}]}"#

        static func failing(_ message: String, _ options: String = #""retry":5"#) -> String {
            #"{"how":"plain","class":"Fail","args":["\#(message)"],\#(options)}"#
        }

        @Test func aFailedJobIsInRubysRetrySetWithEveryField() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let options = #""retry":5,"backtrace":true,"tags":["a","b"],\#(Self.note)"#
                let began = ContinuousClock.now
                let jid = try await stage.ruby.push([Self.failing("it broke", options)])[0]
                let seen = try await stage.ruby.sees("a retry") { seen in seen["retries"].elements.count == 1 }
                let elapsed = ContinuousClock.now - began
                _ = try await worker.stop()

                let entry = seen["retries"].elements[0]
                #expect(entry["jid"] == .string(jid))
                #expect(entry["class"] == .string("Fail"))
                #expect(entry["args"] == .array([.string("it broke")]))
                #expect(entry["queue"] == .string("default"))
                #expect(entry["error"] == .bool(true))
                Self.expectFirstFailure(entry["item"], at: entry["score"], elapsed: elapsed / .seconds(1))
                let raw = try await stage.server.cli("ZRANGE", "retry", "0", "-1")
                #expect(raw.contains(Self.note))
                #expect(raw.contains(#""tags":["a","b"]"#))
                #expect(try await stage.server.cli("GET", "stat:failed") == "1")
            }
        }

        private static func expectFirstFailure(_ item: JSON, at score: JSON, elapsed: Double) {
            #expect(item["retry"] == .number(5))
            #expect(item["retry_count"] == .number(0))
            #expect(item["error_message"].string?.contains("it broke") == true)
            #expect(item["error_class"].string?.isEmpty == false)
            #expect(item["retried_at"] == .null)
            #expect(item["created_at"].number != nil)
            #expect(item["enqueued_at"].number != nil)
            // The first delay is 15 s and a jitter of up to 9 s; the two clocks are read one after the other, within the
            // time that all of it took.
            let delay = (score.number ?? 0) - (item["failed_at"].epochSeconds ?? 0)
            #expect(14.9..<(24.1 + elapsed) ~= delay)
        }

        @Test func aRetryFromRubysAPIRunsAtOnceAndCountsOn() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let jid = try await stage.ruby.push([Self.failing("again")])[0]
                try await stage.ruby.sees("a retry") { seen in seen["retries"].elements.count == 1 }
                try await stage.ruby.run("control.rb", "retry", "retry", jid)
                let seen = try await stage.ruby.sees("a second failure") { seen in
                    seen["retries"].elements.first?["item"]["retried_at"].number != nil
                }
                _ = try await worker.stop()
                // Ruby takes one off the count when it retries by hand, so the second failure counts 0 again.
                #expect(seen["retries"].elements[0]["item"]["retry_count"] == .number(0))
                #expect(try await stage.server.cli("GET", "stat:failed") == "2")
            }
        }

        @Test func aRetryIsKilledAndAnotherDeletedFromRubysAPI() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let jids = try await stage.ruby.push([Self.failing("kill me"), Self.failing("delete me")])
                try await stage.ruby.sees("both retries") { seen in seen["retries"].elements.count == 2 }
                try await stage.ruby.run("control.rb", "kill", "retry", jids[0])
                try await stage.ruby.run("control.rb", "delete", "retry", jids[1])
                let seen = try await stage.ruby.inspect()
                #expect(seen["retries"].elements.isEmpty)
                #expect(seen["dead"].elements.map { entry in entry["jid"] } == [.string(jids[0])])
                _ = try await worker.stop()
            }
        }

        @Test func aDueRetryRunsAgainUntilItIsExhaustedAndDead() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let jid = try await stage.ruby.push([Self.failing("twice", #""retry":1"#)])[0]
                try await stage.ruby.sees("a retry") { seen in seen["retries"].elements.count == 1 }
                // Its time has come: the score is moved into the past, the bytes stay.
                let raw = try await stage.server.cli("ZRANGE", "retry", "0", "-1")
                try await stage.server.cli("ZADD", "retry", "XX", "1", raw)
                let seen = try await stage.ruby.sees("a dead job") { seen in seen["dead"].elements.count == 1 }
                _ = try await worker.stop()
                let item = seen["dead"].elements[0]["item"]
                #expect(item["jid"] == .string(jid))
                #expect(item["retry_count"] == .number(1))
                #expect(item["retried_at"].number != nil)
                #expect(seen["retries"].elements.isEmpty)
            }
        }

        @Test func retryZeroDiesAtOnceAndRetryFalseVanishes() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let lines = [Self.failing("zero", #""retry":0"#), Self.failing("false", #""retry":false"#)]
                let jids = try await stage.ruby.push(lines)
                let seen = try await stage.ruby.sees("two failures") { seen in
                    seen["stats"]["failed"] == .number(2) && seen["dead"].elements.count == 1
                }
                _ = try await worker.stop()
                #expect(seen["dead"].elements[0]["jid"] == .string(jids[0]))
                #expect(seen["retries"].elements.isEmpty)
            }
        }

        /// What no client should push, and what arrives all the same.
        static let hostile = [
            "{this is no JSON", "[1]", "12", "null", "\"x\"", "{}", #"{"class":5,"args":[]}"#, #"{"class":"NoOp"}"#,
            #"{"class":"NoOp","args":{}}"#, #"{"class":"NoOp","args":"#,
            String(repeating: "[", count: 1_000),
        ]

        @Test func hostilePayloadsAreKeptDeadAndBreakNoPage() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                for payload in Self.hostile { try await stage.server.cli("LPUSH", "queue:default", payload) }
                try await stage.ruby.sees("the dead jobs") { seen in
                    seen["dead"].elements.count == Self.hostile.count
                }
                #expect(worker.child.isRunning)
                #expect(try await worker.stop() == .exited(0))
                // Bytes that are not JSON stay as they were; other JSON may be quoted, since it breaks Sidekiq's page.
                #expect(try await stage.server.cli("ZRANGE", "dead", "0", "-1").contains("{this is no JSON"))
                let pages = try JSON(parsing: try await stage.ruby.run("web.rb", "pages")).members
                for (page, status) in pages where !page.hasSuffix("-") { #expect(status == .string("200"), "\(page)") }
            }
        }

        @Test func aClassThatNobodyKnowsIsKeptForARetry() async throws {
            try await Stage.with { stage in
                let worker = try await LoadWorker.start(on: stage.server)
                let jid = try await stage.ruby.push([#"{"how":"plain","class":"Ghost","args":[1,{"a":null}]}"#])[0]
                let seen = try await stage.ruby.sees("the job") { seen in seen["retries"].elements.count == 1 }
                #expect(seen["retries"].elements[0]["jid"] == .string(jid))
                #expect(seen["retries"].elements[0]["item"]["error_message"].string?.contains("Ghost") == true)
                _ = try await worker.stop()
            }
        }
    }
}
