import TestSupport
import Testing

@testable import Wingman

private struct AfterEver: Job {
    func perform(_ context: JobContext) async throws {}
    static func retry(after error: any Error, retryCount: Int) -> RetryChoice { .after(.seconds(Int64.max)) }
}

private struct AfterNothing: Job {
    func perform(_ context: JobContext) async throws {}
    static func retry(after error: any Error, retryCount: Int) -> RetryChoice { .after(.seconds(-5)) }
}

@Suite("When a failed job runs again")
struct RetryDelayTests {
    @Test("The delay is count⁴ + 15 seconds and less than 10 × (count + 1) of jitter", arguments: 0...30)
    func backoff(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let base = Duration.seconds(count * count * count * count + 15)
        var seen: Set<Duration> = []
        for _ in 0..<200 {
            let delay = RetryRules.delay(.backoff, count: count, using: &generator)
            #expect(delay >= base)
            #expect(delay < base + .seconds(10 * (count + 1)))
            #expect(delay.components.attoseconds == 0)
            seen.insert(delay)
        }
        #expect(seen.count > 5)
    }

    @Test("Counts out of all bounds make no trap and no delay without end", arguments: [Int.min, -1, 1_000, Int.max])
    func senselessCounts(_ count: Int) {
        var generator = SystemRandomNumberGenerator()
        let delay = RetryRules.delay(.backoff, count: count, using: &generator)
        #expect(delay >= .seconds(15))
        #expect(delay <= .seconds(1_000_000_010_015 + 10_000))
    }

    @Test("A type's delay of zero or less means the usual one, one without end is bounded")
    func senselessDelays() throws {
        guard case .retry(_, let usual) = try RetryCase(definition: JobDefinition(AfterNothing.self)).verdict().outcome,
            case .retry(_, let bounded) = try RetryCase(definition: JobDefinition(AfterEver.self)).verdict().outcome
        else { return #expect(Bool(false), "no retry") }
        #expect((Duration.seconds(15)..<Duration.seconds(25)).contains(usual))
        #expect(bounded <= .seconds(1_000_000_010))
    }
}

@Suite("What is kept of bytes that are no job")
struct MalformedTests {
    @Test(
        "Broken JSON and objects stay as they are, other JSON becomes a string that Sidekiq's page can show",
        arguments: [
            ("{oops", "{oops"), ("", ""), ("   ", "   "), ("not json", "not json"), ("\u{0}\u{1}", "\u{0}\u{1}"),
            (#"{"class":"A"}"#, #"{"class":"A"}"#), (#" {"a":1}"#, #" {"a":1}"#), ("[1,2]", #""[1,2]""#),
            ("7", #""7""#), ("null", #""null""#), (#""text""#, #""text""#), (#"["a"]"#, #""[\"a\"]""#),
            ("[1,2", "[1,2"),
        ]
    )
    func keep(_ bytes: String, _ kept: String) {
        #expect(Malformed.keep(Array(bytes.utf8)).text == kept)
    }

    @Test("Bytes that are no UTF-8 stay as they are")
    func noText() {
        let bytes: [UInt8] = [0xFF, 0xFE, 0x7B]
        #expect(Malformed.keep(bytes) == bytes)
    }
}
