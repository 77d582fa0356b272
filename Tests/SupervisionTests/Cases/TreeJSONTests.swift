import Foundation
import Supervision
import TestSupport
import Testing

@Suite("The tree as JSON")
struct TreeJSONTests {
    @Test("is read back as the same value")
    func roundTrip() async throws {
        let stage = Stage()
        let root = try await stage.start(
            SupervisorSpecification("root") {
                stage.child("a")
                SupervisorSpecification("inner", strategy: .restForOne) { stage.child("b") }
            }
        )
        await stage.act { stage["b"].fail() }
        let tree = root.tree()
        let data = try JSONEncoder().encode(tree)
        #expect(try JSONDecoder().decode(TreeNode.self, from: data) == tree)
        await stage.stop()
    }

    @Test("holds state, incarnation, uptime, restarts, last error and next attempt under these names")
    func golden() async throws {
        let stage = Stage()
        let inbox = Mailbox<Int>(capacity: 4)
        try inbox.trySend(1)
        let root = try await stage.start(
            SupervisorSpecification("root", giveUp: .park(retryAfter: .seconds(300))) {
                stage.child("a").receiving(inbox)
            }
        )
        await stage.time.advance(by: .seconds(30))
        await stage.act { stage["a"].fail() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let text = String(decoding: try encoder.encode(root.tree()), as: UTF8.self)
        #expect(text == Self.golden)
        await stage.stop()
    }

    private static let golden = """
        {
          "abandoned" : 0,
          "children" : [
            {
              "abandoned" : 0,
              "children" : [

              ],
              "generation" : 1,
              "isOptional" : true,
              "isQuiet" : false,
              "kind" : "service",
              "lastError" : "threw broken",
              "mailboxDepth" : 1,
              "name" : "a",
              "nextAttemptSeconds" : 1,
              "path" : "root\\/a",
              "restarts" : 1,
              "restartsInWindow" : 1,
              "state" : "restarting"
            }
          ],
          "generation" : 1,
          "giveUp" : "parks what keeps failing",
          "isOptional" : false,
          "isQuiet" : false,
          "kind" : "supervisor",
          "name" : "root",
          "path" : "root",
          "restarts" : 0,
          "restartsInWindow" : 0,
          "state" : "running",
          "strategy" : "one-for-one",
          "uptimeSeconds" : 30
        }
        """

    @Test(
        "as text says what each state means",
        arguments: [
            (TreeNode.State.pending, "pending"), (.starting, "starting"), (.running, "running 1h02m"),
            (.stopping, "stopping"), (.restarting, "restarting in 12s"), (.blocked, "blocked"),
            (.parked, "parked, next try in 12s"), (.standby, "standby"), (.finished, "finished"), (.failed, "failed"),
        ]
    )
    func states(_ state: TreeNode.State, _ expected: String) {
        let stage = Stage()
        var tree = TreeNode(SupervisorSpecification("root") { stage.child("a") }, path: "root")
        tree.children[0].state = state
        tree.children[0].uptimeSeconds = 3_725
        tree.children[0].nextAttemptSeconds = 12
        tree.children[0].generation = 4
        tree.children[0].restarts = 3
        tree.children[0].abandoned = 1
        tree.children[0].term = 7
        tree.children[0].mailboxDepth = 1
        let line = tree.text.split(separator: "\n").last
        #expect(
            line == "└── a  \(expected)   incarnation 4, 3 restarts   leader, term 7   1 message   1 abandoned"
        )
    }

    @Test(
        "sums up to health by what is optional",
        arguments: [
            (TreeNode.State.running, false, TreeNode.Health.healthy), (.standby, false, .healthy),
            (.finished, false, .healthy), (.pending, false, .notReady), (.starting, false, .notReady),
            (.stopping, false, .notReady), (.restarting, false, .notReady), (.blocked, false, .notReady),
            (.failed, false, .notReady), (.parked, false, .degraded), (.running, true, .healthy),
            (.restarting, true, .degraded), (.failed, true, .degraded), (.parked, true, .degraded),
        ]
    )
    func health(_ state: TreeNode.State, _ isOptional: Bool, _ expected: TreeNode.Health) {
        let stage = Stage()
        var tree = TreeNode(SupervisorSpecification("root") { stage.child("a") }, path: "root")
        tree.state = .running
        tree.children[0].state = state
        tree.children[0].isOptional = isOptional
        #expect(tree.health == expected)
        tree.children[0].abandoned = 1
        #expect(tree.health == (expected == .healthy ? .degraded : expected))
    }
}
