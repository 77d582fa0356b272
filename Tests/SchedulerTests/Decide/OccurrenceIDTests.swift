import Testing

@testable import WingmanScheduler

@Suite("The jid of an occurrence")
struct OccurrenceIDTests {
    @Test("is the same in every process and version", arguments: [0, 1_700_000_000_000, -1])
    func shape(milliseconds: Int) {
        let id = OccurrenceID.make(schedule: "Sweep/300s", at: milliseconds)
        #expect(id.count == 24)
        #expect(id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        #expect(id == OccurrenceID.make(schedule: "Sweep/300s", at: milliseconds))
    }

    @Test("differs between occurrences and between schedules")
    func unique() {
        var seen: Set<String> = []
        for schedule in ["a", "b", "a@", "Sweep/300s", "Sweep/301s"] {
            for occurrence in 0..<2_000 {
                seen.insert(OccurrenceID.make(schedule: schedule, at: occurrence * 1_000))
            }
        }
        #expect(seen.count == 10_000)
    }
}
