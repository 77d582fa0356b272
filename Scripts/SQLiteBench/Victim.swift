import Wingman
import WingmanSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Works without end, or until it has pushed enough, and writes a line to standard output for each thing that the store has
/// acknowledged: `ready`, `pushed N`, `retried N`, `done N`, `end`; and `settling N` before a job may be done. Each line is one write, so that a trace shows what was
/// known when.
struct Victim {
    let url: String
    /// Zero: without end.
    let jobs: Int

    private static let queue = "victims"

    func run() async throws {
        let store = try SQLiteStore(url: self.url)
        try await store.open()
        let process = ProcessID(rawValue: "victim:\(getpid()):\(UInt32.random(in: .min ... .max))")
        guard case .alive = try await store.beat(.registering(process)) else { return Self.say("refused") }
        Self.say("ready")
        // Jobs of earlier victims may wait: theirs have other names.
        let name = "\(getpid())"
        var held: [Claimed] = []
        var step = 0
        var number = 0
        while self.jobs == 0 || number < self.jobs {
            number += 1
            let size = number % 10 == 0 ? 9_000 : 200  // every tenth needs more than a page
            let payload = "\(name)-\(number) " + String(repeating: "x", count: size)
            try await store.enqueue([PushedJob(queue: Self.queue, payload: Array(payload.utf8))])
            Self.say("pushed \(name)-\(number)")
            guard number % 4 == 0 else { continue }
            step += 1
            // Before the step: should we die right after its COMMIT, the job is gone and nobody was told.
            if let first = held.first { Self.say("settling \(Self.name(of: first))") }
            let settlements = held.enumerated().map { index, claim in
                Settlement(
                    token: claim.token,
                    disposition: index == 0 ? .done : .retry(payload: claim.payload, delay: .seconds(3_600)),
                    tally: .processed
                )
            }
            let reply = try await store.step(
                Step(
                    process: process,
                    lane: 1,
                    number: step,
                    settlements: settlements,
                    claim: 3,
                    sources: [.queue(Self.queue)]
                )
            )
            guard case .done(_, let claimed, _) = reply else { return Self.say("refused") }
            for (index, claim) in held.enumerated() {
                Self.say(index == 0 ? "done \(Self.name(of: claim))" : "retried \(Self.name(of: claim))")
            }
            held = claimed
        }
        await store.close()
        Self.say("end")
    }

    private static func name(of claim: Claimed) -> String {
        String(decoding: claim.payload.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
    }

    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(1, bytes, bytes.count)
    }
}
