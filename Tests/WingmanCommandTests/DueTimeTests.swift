import Foundation
import Testing

@testable import WingmanCommand

@Suite("The time of a job on the command line")
struct DueTimeTests {
    let now = Date(timeIntervalSince1970: 1_000)

    @Test(
        "is ISO 8601, or seconds since 1970",
        arguments: [
            ("1777636800", 1_777_636_800.0),
            ("1777636800.25", 1_777_636_800.25),
            ("2026-05-01T12:00:00Z", 1_777_636_800),
            ("2026-05-01T14:00:00+02:00", 1_777_636_800),
            ("2026-05-01T12:00:00.250Z", 1_777_636_800.25),
        ]
    )
    func readable(text: String, seconds: Double) throws {
        let date = try #require(try DueTime.date(delay: nil, at: text, now: self.now))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.001)
    }

    @Test("is refused otherwise", arguments: ["", "tomorrow", "nan", "inf", "1e300", "2026-13-01T00:00:00Z"])
    func unreadable(text: String) {
        #expect(throws: ExitStatus.self) { try DueTime.date(delay: nil, at: text, now: self.now) }
    }

    @Test("is a delay from now, or none")
    func delay() throws {
        #expect(try DueTime.date(delay: 2.5, at: nil, now: self.now) == self.now.addingTimeInterval(2.5))
        #expect(try DueTime.date(delay: nil, at: nil, now: self.now) == nil)
        #expect(throws: ExitStatus.self) { try DueTime.date(delay: .infinity, at: nil, now: self.now) }
    }
}
