import Testing

@testable import Wingman

@Suite("What plugins add to settlements")
struct SettlementContributorTests {
    private static func execution(_ contributors: [SettlementContributor]) throws -> Execution {
        Execution(
            registry: try JobRegistry(
                JobList {
                    Nothing.self
                    Failing.self
                }
            ),
            middleware: [],
            environment: .sample(ScriptedStore()),
            retries: RetryRules(),
            statistics: ExecutionStatistics(),
            contributors: contributors
        )
    }

    private static let ends = SettlementContributor(plugin: "plugin", field: "wingman_plugin") { end, keys in
        [.put(keys.key("end"), Array("\(end.kind.rawValue) \(end.isFinal) \(end.context.jobID)".utf8))]
    }

    private static func settle(_ json: String, _ contributors: [SettlementContributor], _ outcome: Outcome?)
        async throws -> Settlement
    {
        let execution = try Self.execution(contributors)
        let claimed = Claimed(token: Token(rawValue: "t"), source: .queue("q"), payload: Array(json.utf8))
        let prepared = execution.prepare(claimed)
        let own = await execution.run(prepared) { nil }
        return execution.settlement(of: prepared, outcome ?? own)
    }

    private static let member = #""jid":"j","wingman_plugin":{"a":1}"#

    @Test("is applied at each end of jobs with the member, and tells which end it is")
    func effects() async throws {
        let key = StoreKey("plugin", "end")
        let done = try await Self.settle(#"{"class":"Nothing","args":[],\#(Self.member)}"#, [Self.ends], nil)
        #expect(done.effects == [.put(key, Array("done true j".utf8))])
        let failed = try await Self.settle(#"{"class":"Failing","args":[],\#(Self.member)}"#, [Self.ends], nil)
        #expect(failed.effects == [.put(key, Array("retrying false j".utf8))])
        let unknown = try await Self.settle(
            #"{"class":"Novel","args":[],"retry":0,\#(Self.member)}"#,
            [Self.ends],
            .discard(failed: true)
        )
        #expect(unknown.effects == [.put(key, Array("discarded true j".utf8))])
    }

    @Test("is nothing for other jobs, for what is given back, and where no plugin contributes")
    func nothing() async throws {
        let json = #"{"class":"Nothing","args":[],\#(Self.member)}"#
        let cases: [(String, [SettlementContributor], Outcome?)] = [
            (#"{"class":"Nothing","args":["\"wingman_plugin\""]}"#, [Self.ends], .discard(failed: false)),
            (json, [Self.ends], .interrupted), (json, [], nil), ("{", [Self.ends], nil),
        ]
        for (json, contributors, outcome) in cases {
            #expect(try await Self.settle(json, contributors, outcome).effects.isEmpty)
        }
    }

    @Test("is left out if it touches what is not the plugin's: the job's end does not suffer")
    func foreign() async throws {
        let foreign = SettlementContributor(plugin: "plugin", field: "wingman_plugin") { _, _ in
            [.delete(StoreKey("other", "key"))]
        }
        let settlement = try await Self.settle(
            #"{"class":"Nothing","args":[],\#(Self.member)}"#,
            [foreign, Self.ends],
            nil
        )
        #expect(settlement.effects.count == 1)
    }
}
