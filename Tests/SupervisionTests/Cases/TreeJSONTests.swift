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
}
