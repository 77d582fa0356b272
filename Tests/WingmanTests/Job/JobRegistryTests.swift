import Testing

@testable import Wingman

private struct Sending: Job {
    static let name = "Mail::Send"
    static let aliases = ["SendMail", "Mail::Send"]
    func perform(_ context: JobContext) async throws {}
}

private struct Usurper: Job {
    static let name = "SendMail"
    func perform(_ context: JobContext) async throws {}
}

private struct Anonymous: Job {
    static let name = ""
    func perform(_ context: JobContext) async throws {}
}

@Suite("The job types of a program")
struct JobRegistryTests {
    @Test("A type is found by its name and its former names, and by nothing else")
    func lookup() throws {
        let registry = try JobRegistry(
            JobList {
                Sending.self
                Nothing.self
            }
        )
        #expect(registry.names == ["Mail::Send", "Nothing", "SendMail"])
        #expect(registry["SendMail"]?.name == "Mail::Send")
        #expect(registry["Nothing"]?.typeName.hasSuffix("Nothing") == true)
        for name in ["", "Sending", "nothing", "WingmanTests.Nothing"] { #expect(registry[name] == nil) }
    }

    @Test("A name claimed by two types is a fault that names both")
    func duplicates() {
        let list = JobList {
            Sending.self
            Usurper.self
        }
        let error = #expect(throws: ConfigurationError.self) { try JobRegistry(list) }
        #expect(error?.faults.count == 1)
        #expect(error?.description.contains("\"SendMail\"") == true)
        #expect(error?.description.contains("Sending") == true)
        #expect(error?.description.contains("Usurper") == true)
    }

    @Test("All faults come in one error")
    func allFaults() {
        let list = JobList {
            Sending.self
            Usurper.self
            Nothing.self
            Nothing.self
            Anonymous.self
        }
        let error = #expect(throws: ConfigurationError.self) { try JobRegistry(list) }
        #expect(error?.faults.count == 3)
        #expect(error?.description.contains("listed twice") == true)
        #expect(error?.description.contains("empty") == true)
    }

    @Test("Policies say what they promise")
    func policies() {
        #expect(RetryPolicy.attempts(-3) == .attempts(0))
        #expect(RetryPolicy.window(.seconds(-1)).kind == .window(seconds: 0))
        #expect(RetryPolicy.window(.seconds(Int64.max)).kind == .window(seconds: 1_000_000_000))
    }
}
