import Logging
import Testing
import Wingman

@testable import WingmanCommand

@Suite("The arguments of a job that is to be pushed")
struct PushRequestTests {
    struct Thumbnail: Job {
        var imageID: Int
        var caption: String?

        func perform(_ context: JobContext) async throws {}
    }

    struct App: WingmanApp {
        var jobs: JobList { Thumbnail.self }
    }

    @Test("are any JSON array for a class of another program", arguments: ["[]", " [1, {\"b\":[]}] ", "[1e400]"])
    func sound(text: String) throws {
        #expect(try Self.request("Elsewhere").fault(in: text) == nil)
    }

    @Test("are refused with a reason otherwise", arguments: ["", "{}", "1", "[1", "[1,]", "[1] x", "['a']", "\"a\""])
    func faulty(text: String) throws {
        #expect(try Self.request("Elsewhere").fault(in: text)?.isEmpty == false)
    }

    @Test("fit the type of a class of this program", arguments: ["[7]", "[7,null]", "[7,\"a\"]"])
    func fitting(text: String) throws {
        #expect(try Self.request("Thumbnail").fault(in: text) == nil)
    }

    @Test("that do not fit are refused, naming the property and never the value", arguments: ["[]", "[\"sesame\"]"])
    func unfitting(text: String) throws {
        let fault = try Self.request("Thumbnail").fault(in: text) ?? ""
        #expect(fault.contains("imageID"))
        #expect(!fault.contains("sesame"))
    }

    private static func request(_ jobClass: String) throws -> PushRequest {
        let assembly = try Assembly(App(), mode: .client, logger: Logger(label: "test"))
        return PushRequest(assembly: assembly, jobClass: jobClass, options: JobOptions(), date: nil)
    }
}
