import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An entry of a place, ready to be shown. Arguments are private and are shown by `jobs show` alone; what comes from the
/// store may be anything, so what cannot be read is left out.
struct JobLine: Encodable {
    let jid: String
    let jobClass: String
    let queue: String
    let at: Date?
    let retryCount: Int?
    let error: String?

    init(_ entry: Entry) {
        let payload = try? JobPayload(entry.payload)
        let view = try? JSONObjectView(entry.payload)
        self.jid = payload?.jobID ?? ""
        self.jobClass = payload?.className ?? "(no job)"
        self.queue = payload?.queue ?? ""
        self.at = entry.at.map(Date.init(timeIntervalSince1970:))
        self.retryCount = payload?.retryCount
        let errorClass = view?.string("error_class")
        let message = view?.string("error_message").map { String($0.prefix(Self.messageLimit)) }
        self.error = errorClass.map { name in message.map { "\(name): \($0)" } ?? name }
    }

    /// Longer messages are for `jobs show`.
    private static let messageLimit = 80

    /// The entries as a table.
    static func table(_ lines: [JobLine]) -> [String] {
        var table = TextTable(["jid", "class", "queue", "at", "retries", "error"])
        for line in lines {
            table.add([
                line.jid, line.jobClass, line.queue, line.at?.formatted(.iso8601) ?? "",
                line.retryCount.map { "\($0)" } ?? "", line.error ?? "",
            ])
        }
        return table.lines
    }
}
