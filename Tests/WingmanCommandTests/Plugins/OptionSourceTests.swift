import Foundation
import Logging
import TestSupport
import Testing
import Wingman

@testable import WingmanCommand

@Suite("Options of plugins from the environment")
struct EnvironmentOptionsTests {
    private let options = EnvironmentOptions([
        "WINGMAN_AUDIT_LOG_ROUTE_TIMEOUT": "5s", "WINGMAN_AUDIT_LOG_LIMIT": "7", "WINGMAN_AUDIT_LOG_SHARE": "0.5",
        "WINGMAN_AUDIT_LOG_LOUD": "yes", "WINGMAN_AUDIT_LOG_LISTS": "a, b", "WINGMAN_AUDIT_LOG_EMPTY": "",
        "WINGMAN_STORE": "redis://localhost", "HOME": "/root",
    ])

    @Test("are read by kind; an empty variable counts as none")
    func values() throws {
        #expect(try self.options.value(of: "routeTimeout", plugin: "audit-log", as: .text) == .text("5s"))
        #expect(try self.options.value(of: "limit", plugin: "audit-log", as: .integer) == .integer(7))
        #expect(try self.options.value(of: "share", plugin: "audit-log", as: .number) == .number(0.5))
        #expect(try self.options.value(of: "loud", plugin: "audit-log", as: .flag) == .flag(true))
        #expect(try self.options.value(of: "lists", plugin: "audit-log", as: .texts) == .texts(["a", "b"]))
        #expect(try self.options.value(of: "empty", plugin: "audit-log", as: .text) == nil)
        #expect(try self.options.value(of: "limit", plugin: "audit", as: .integer) == nil)
        #expect(throws: (any Error).self) {
            try self.options.value(of: "routeTimeout", plugin: "audit-log", as: .integer)
        }
    }

    @Test("are written in capitals, with the plugin's name before them")
    func spelling() {
        #expect(self.options.spelling(of: "routeTimeout", plugin: "audit-log") == "WINGMAN_AUDIT_LOG_ROUTE_TIMEOUT")
    }

    @Test("that belong to no option of a listed plugin are told, others are nobody's business")
    func unknown() {
        let known = ["routeTimeout", "limits", "share", "loud", "lists"]
        #expect(
            self.options.faults(knowing: [("audit", []), ("audit-log", known)]) == [
                "WINGMAN_AUDIT_LOG_LIMIT: plugin audit-log has no such option, did you mean \"WINGMAN_AUDIT_LOG_LIMITS\"?"
            ]
        )
        #expect(self.options.faults(knowing: [("scheduler", [])]).isEmpty)
    }
}

@Suite("Options of plugins from a file")
struct FileOptionsTests {
    private static func options(_ text: String?) throws -> FileOptions {
        let directory = try TemporaryDirectory("options")
        defer { directory.remove() }
        let path = directory.file("wingman.json")
        if let text { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }
        return FileOptions(path: path)
    }

    /// The faults without the path of the file.
    private static func faults(_ text: String?) throws -> [String] {
        try Self.options(text).faults(knowing: [("scheduler", ["catchUp"]), ("audit", [])]).map { fault in
            fault.components(separatedBy: "wingman.json: ").last ?? fault
        }
    }

    @Test("are read by kind from below `plugins`")
    func values() throws {
        let options = try Self.options(
            """
            {"plugins": {"audit": {"limit": 7, "share": 0.5, "loud": true, "lists": ["a", "b"], "name": "x", "none": []}}}
            """
        )
        #expect(try options.value(of: "limit", plugin: "audit", as: .integer) == .integer(7))
        #expect(try options.value(of: "share", plugin: "audit", as: .number) == .number(0.5))
        #expect(try options.value(of: "loud", plugin: "audit", as: .flag) == .flag(true))
        #expect(try options.value(of: "lists", plugin: "audit", as: .texts) == .texts(["a", "b"]))
        #expect(try options.value(of: "none", plugin: "audit", as: .texts) == .texts([]))
        #expect(try options.value(of: "name", plugin: "audit", as: .text) == .text("x"))
        #expect(try options.value(of: "name", plugin: "scheduler", as: .text) == nil)
        #expect(throws: (any Error).self) { try options.value(of: "name", plugin: "audit", as: .integer) }
    }

    @Test("that nobody knows are told with what was probably meant")
    func unknown() throws {
        #expect(
            try Self.faults(#"{"plugins":{"schedular":{},"scheduler":{"catchup":1},"audit":{"any":1}},"plugin":{}}"#) == [
                #"no such setting as "plugin", did you mean "plugins"?"#,
                #"plugin audit has no option "any""#,
                #"no plugin "schedular" is listed, did you mean "scheduler"?"#,
                #"plugin scheduler has no option "catchup", did you mean "catchUp"?"#,
            ]
        )
        #expect(try Self.faults("{}").isEmpty)
        #expect(try Self.faults(#"{"plugins":{"scheduler":{"catchUp":"all"}}}"#).isEmpty)
    }

    @Test(
        "of a file that is none are told without a word of its text",
        arguments: ["", "sesame", "[]", #"{"plugins":[]}"#, #"{"plugins":{"audit":"sesame"}}"#, #"{"plugins":null}"#]
    )
    func malformed(_ text: String) throws {
        #expect(
            try Self.faults(text) == [#"it must be a JSON object such as {"plugins":{"scheduler":{…}}}, without null"#]
        )
    }

    @Test("of a file that is not there are a fault")
    func absent() throws {
        #expect(try Self.faults(nil) == ["there is no such file, or it may not be read"])
    }

    @Test("are found by the raw arguments of the program's own commands, else by the environment")
    func path() {
        let find = { (words: [String]) in ConfigurationFile.find(in: words) { $0 == "WINGMAN_CONFIG" ? "e.json" : nil } }
        #expect(find(["run", "-c", "5", "-C", "f.json"]) == "f.json")
        #expect(find(["check", "--config", "f.json"]) == "f.json")
        #expect(find(["plugins", "--config=f.json"]) == "f.json")
        #expect(find(["run"]) == "e.json")
        #expect(find(["greet", "-C", "3"]) == "e.json")
        #expect(find(["enqueue", "Job", "--", "-C", "x"]) == "e.json")
    }
}
