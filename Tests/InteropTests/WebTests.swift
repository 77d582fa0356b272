import TestSupport
import Testing

extension InteropTests {
    /// Sidekiq's own web page over our data.
    @Suite struct WebTests {
        @Test func everyPageOfSidekiqsWebPageAnswers200() async throws {
            try await ProcessTests.withBusyWorker { stage, _, _ in
                _ = try await stage.ruby.push([
                    FailureTests.failing("shown <b>as text</b>", #""retry":3,"backtrace":5,"tags":["x"]"#),
                    FailureTests.failing("dead", #""retry":0"#),
                    #"{"how":"in","seconds":3600,"class":"NoOp","args":[]}"#,
                    #"{"how":"plain","class":"NoOp","args":[],"queue":"other"}"#,
                ])
                try await stage.server.cli("LPUSH", "queue:default", "{this is no JSON")
                try await stage.ruby.sees("one retry and two dead jobs") { seen in
                    seen["retries"].elements.count == 1 && seen["dead"].elements.count == 2
                }
                let pages = try JSON(parsing: try await stage.ruby.run("web.rb", "pages")).members
                #expect(pages.count >= 17)
                for (page, status) in pages {
                    // Sidekiq has no page of its own for an entry without a jid, and leads back to the list.
                    let expected = page.hasPrefix("/morgue/") && page.hasSuffix("-") ? "302" : "200"
                    #expect(status == .string(expected), "\(page)")
                }
            }
        }

        @Test func theBusyPageShowsTheProcessAndItsJobs() async throws {
            try await ProcessTests.withBusyWorker { stage, worker, jids in
                let body = try await stage.ruby.run("web.rb", "body", "/busy")
                #expect(body.contains(":\(worker.child.pid)"))
                for jid in jids { #expect(body.contains(jid)) }
            }
        }

        @Test func theButtonsOfTheBusyPageQuietAndStopTheProcess() async throws {
            try await ProcessTests.withBusyWorker { stage, worker, _ in
                let identity = "identity=\(worker.identity)"
                #expect(try await stage.ruby.run("web.rb", "press", "/busy", identity, "quiet=1") == "302")
                try await stage.ruby.sees("a quiet process") { seen in
                    seen["processes"].elements.first?["stopping"] == .bool(true)
                }
                #expect(try await stage.ruby.run("web.rb", "press", "/busy", identity, "stop=1") == "302")
                #expect(try await worker.child.waitForExit() == .exited(0))
            }
        }
    }
}
