import Testing

@testable import Wingman

@Suite("An entry on its way between two stores")
struct HeldEntryTests {
    @Test(
        "is read as it was written, whatever its place is called",
        arguments: [
            "default", "", " ", "a b", "a\nb", "a\r\nb", "\r\n", "\n\r\n", "%", "%25", "%0A", "%250A", "100%\r\n%0A",
            "\u{301}e\u{301}", "\u{200D}\u{1F469}", "q%2",
        ]
    )
    func names(name: String) {
        for place in [Place.queue(name), .list(name), .later(name)] {
            for time in [Double?.none, 1_800_000_000.125] {
                let entry = Entry(payload: Array("{\"a\":\"\\n\"}\n% \r\n".utf8), at: time)
                let held = HeldEntry(batch: "1x-7", place: place, entry: entry)
                #expect(HeldEntry(held.encoded) == held)
                #expect(
                    held.encoded.split(separator: UInt8(ascii: "\n")).first?.starts(with: Array("1x-7 ".utf8)) == true
                )
            }
        }
    }

    @Test(
        "is nil where it was written by somebody else",
        arguments: ["", "a", "\n", "a queue -\n", "a queue x name\n", "a shelf - name\n", "a queue - name"]
    )
    func foreign(text: String) {
        #expect(HeldEntry(Array(text.utf8)) == nil)
    }
}
