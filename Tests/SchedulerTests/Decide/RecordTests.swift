import Testing

@testable import WingmanScheduler

@Suite("The record of a schedule")
struct RecordTests {
    @Test("is read as it was written")
    func roundTrip() {
        var record = FiringPlanTests.record()
        record.job = JobBlueprint(jobClass: "Foreign", arguments: "[1,\"two\"]", queue: "low", takesOccurrences: true)
        record.choices = PolicyChoices(catchUp: .all(limit: 3), grace: 5_000, overlap: .bufferOne, jitter: 10)
        record.buffered = 5
        record.pausedAt = 7
        _ = record.enqueue(FiringPlanTests.base, of: "sweep", now: 1)
        let bytes = RecordText.bytes(record)
        #expect(RecordText.record(bytes) == record)
        #expect(RecordText.bytes(record) == bytes)
    }

    @Test(
        "is none if anybody has written nonsense",
        arguments: ["", "{}", "[]", "\"next\"", "{\"next\":1e400}", "\u{0}"]
    )
    func nonsense(text: String) {
        #expect(RecordText.record(Array(text.utf8)) == nil)
    }

    @Test(
        "is none if a number in it could overflow anywhere",
        arguments: [
            ("\"next\":1800000000", "\"next\":9223372036854775807"),
            ("\"next\":1800000000", "\"next\":-9223372036854775808"),
            ("\"count\":0", "\"count\":-1"), ("\"count\":0", "\"count\":9223372036854775807"),
            ("\"count\":0", "\"count\":0,\"skips\":-5"),
            ("\"count\":0", "\"count\":0,\"pausedAt\":9223372036854775807"),
            ("\"history\":[]", "\"history\":[{\"kind\":\"enqueued\",\"at\":-9223372036854775808,\"on\":0}]"),
            ("\"history\":[]", "\"history\":[{\"kind\":\"enqueued\",\"at\":0,\"on\":0,\"slot\":-1}]"),
        ]
    )
    func overflow(part: String, nonsense: String) {
        let sound = String(decoding: RecordText.bytes(FiringPlanTests.record()), as: UTF8.self)
        #expect(RecordText.record(Array(sound.utf8)) != nil)
        let parts = sound.split(separator: part, omittingEmptySubsequences: false)
        #expect(parts.count == 2)
        #expect(RecordText.record(Array(parts.joined(separator: nonsense).utf8)) == nil)
    }

    @Test("ends with the calendar, at the end of the year 9999")
    func farthest() throws {
        let recurrence = try Recurrence("59 59 23 31 12 *")
        let timing = Timing(id: "sweep", recurrence: recurrence, policies: SchedulePolicies(catchUp: .all()))
        let last = try #require(Instant("9999-12-31T23:59:59Z")).secondsSince1970
        let advance = try FiringPlanTests.advance(timing, FiringPlanTests.record(next: last), at: last)
        #expect(advance.occurrences.map(\.at) == [last])
        #expect(advance.record.isRetired)
        for year in [2038, 2100] {
            let before = try #require(Instant("\(year)-01-19T03:14:07Z"))
            let next = recurrence.next(after: before)
            #expect(next?.description == "\(year)-12-31T23:59:59Z")
        }
    }
}
