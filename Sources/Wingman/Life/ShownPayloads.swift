/// The payloads of running jobs as beats publish them, worked out once a job: a beat every three seconds must not read
/// megabytes again and again on the timer thread, nor carry them.
struct ShownPayloads {
    /// Larger payloads are shown without their arguments.
    static let limit = 64 << 10

    private var payloads: [Token: [UInt8]?] = [:]

    /// Forgets all jobs but these.
    mutating func keep(_ tokens: Set<Token>) {
        if self.payloads.count > tokens.count || !self.payloads.keys.allSatisfy(tokens.contains) {
            self.payloads = self.payloads.filter { tokens.contains($0.key) }
        }
    }

    /// What is shown of a job; nil for bytes that are no job, which would make a whole page fail.
    mutating func payload(of claimed: Claimed) -> [UInt8]? {
        if let known = self.payloads[claimed.token] { return known }
        let payload = Self.shown(claimed.payload)
        self.payloads[claimed.token] = .some(payload)
        return payload
    }

    private static func shown(_ bytes: [UInt8]) -> [UInt8]? {
        guard let payload = try? JobPayload(bytes) else { return nil }
        guard bytes.count > Self.limit else { return bytes }
        var edits = PayloadEdits()
        edits.set("args", json: Array(#"["(too large to show)"]"#.utf8))
        let cut = payload.applying(edits)
        guard cut.count > Self.limit else { return cut }
        // Other members are as large: what the pages need of it is little.
        var writer = JSONWriter()
        writer.object { job in
            job.member("class") { $0.string(String(payload.className.prefix(1_000))) }
            job.member("jid") { $0.string(String((payload.jobID ?? "").prefix(1_000))) }
            job.member("args") { $0.strings(["(too large to show)"]) }
        }
        return writer.bytes
    }
}
