import Testing
import Wingman

@testable import WingmanCommand

@Suite("The address of the store")
struct StoreAddressTests {
    @Test("comes from the option, then WINGMAN_STORE, then REDIS_URL")
    func order() throws {
        let variables = ["WINGMAN_STORE": "redis://b", "REDIS_URL": "redis://c"]
        #expect(try StoreAddress.find(option: "redis://a") { variables[$0] }.url == "redis://a")
        #expect(try StoreAddress.find(option: nil) { variables[$0] }.url == "redis://b")
        #expect(try StoreAddress.find(option: nil) { $0 == "REDIS_URL" ? "redis://c" : nil }.url == "redis://c")
    }

    @Test("is a file below the working directory when nothing names one")
    func standard() throws {
        #expect(try StoreAddress.find(option: nil) { _ in nil }.url == "sqlite:.wingman/store.db")
    }

    @Test(
        "is of a known kind",
        arguments: [
            ("redis://h:6379/0", true), ("rediss://h", true), ("redis+unix:///run/r.sock", true), ("unix:///r", true),
            ("REDIS://h", true), ("http://h", false), ("h:6379", false), ("", false), ("sqlite:store.db", true), ("sqlite::memory:", true),
        ]
    )
    func kinds(url: String, isKnown: Bool) {
        #expect(((try? StoreAddress.find(option: url) { _ in nil }) != nil) == isKnown)
    }

    @Test("never shows in an error: it may hold a password")
    func secret() {
        let error = #expect(throws: ConfigurationError.self) {
            try StoreAddress.find(option: "http://u:sesame@h") { _ in nil }
        }
        #expect(error?.description.contains("sesame") == false)
    }
}
