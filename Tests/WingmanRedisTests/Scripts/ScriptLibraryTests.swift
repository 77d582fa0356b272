import HiredisNIO
import StoreTestSupport
import Testing

@testable import WingmanRedis

@Suite("ScriptLibrary")
struct ScriptLibraryTests {
    private static let mayFailWithoutMemory: Set<String> = ["apply", "push"]
    private static let readOnly: Set<String> = ["counts", "due", "executions", "inflight", "processes"]

    @Test("Every script has its fragments and the flags that the protocol wants")
    func flags() {
        for script in ScriptLibrary.standard.all {
            #expect(!script.source.contains("--#include"), "\(script.name)")
            let wanted =
                if Self.mayFailWithoutMemory.contains(script.name) {
                    "#!lua"
                } else if Self.readOnly.contains(script.name) {
                    "#!lua flags=no-writes"
                } else {
                    "#!lua flags=allow-oom"
                }
            #expect(script.source.prefix { $0 != "\n" } == wanted, "\(script.name)")
        }
        #expect(Set(ScriptLibrary.standard.all.map(\.sha)).count == ScriptLibrary.standard.all.count)
    }

    @Test("A rewrite reaches whole sources")
    func rewriting() {
        let library = ScriptLibrary { name, source in name == "leave" ? source + "-- changed" : source }
        #expect(library.leave.source.hasSuffix("-- changed"))
        #expect(library.step == ScriptLibrary.standard.step)
    }
}

extension StoreFixture {
    /// A fragment's source, for a test of its functions alone.
    func fragment(_ name: String) async throws -> String {
        String(decoding: try #require(ScriptLibrary.fragments[name]), as: UTF8.self)
    }
}
