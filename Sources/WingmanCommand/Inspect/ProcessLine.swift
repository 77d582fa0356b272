import Wingman
import WingmanCommandKit

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A process of the store, ready to be shown. Its `info` comes from outside: what cannot be read is left out.
struct ProcessLine: Encodable {
    let process: String
    let tag: String
    let queues: [String]
    let busy: Int
    let concurrency: Int
    let isQuiet: Bool
    let beatAt: Date
    /// What is wrong with services, and what health checks complain of, by name.
    let troubles: [String: String]
    /// What plugins show of themselves, by name.
    let figures: [String: String]

    init(_ report: ProcessReport) {
        let info = try? JSONObjectView(Array(report.info.utf8))
        self.process = report.process.rawValue
        self.tag = info?.string("tag") ?? ""
        self.concurrency = info?.value(of: "concurrency").flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        self.queues =
            info?.value(of: "queues").flatMap { try? JSONDecoder().decode([String].self, from: Data($0)) } ?? []
        self.busy = report.busy
        self.isQuiet = report.isQuiet
        self.beatAt = Date(timeIntervalSince1970: report.beatAt)
        self.troubles = Self.texts(["troubles", "health"], of: info)
        self.figures = Self.texts(["figures"], of: info)
    }

    /// The texts in some members of `info`, by their names.
    private static func texts(_ names: [String], of info: JSONObjectView?) -> [String: String] {
        names.reduce(into: [:]) { texts, name in
            guard let members = info?.value(of: name).flatMap({ try? JSONObjectView(Array($0)) }) else { return }
            for member in members.names { texts[member] = members.string(member) }
        }
    }

    /// What is wrong in which process; empty if nothing is.
    static func troubles(_ processes: [ProcessLine]) -> [String] {
        self.table("trouble in", processes, \.troubles)
    }

    /// What plugins show of themselves in which process; empty if they show nothing.
    static func figures(_ processes: [ProcessLine]) -> [String] {
        self.table("figures of", processes, \.figures)
    }

    private static func table(
        _ heading: String,
        _ processes: [ProcessLine],
        _ texts: (ProcessLine) -> [String: String]
    ) -> [String] {
        var table = TextTable([heading, "what", "how"])
        for line in processes.sorted(by: { $0.process < $1.process }) {
            for (name, text) in texts(line).sorted(by: { $0.key < $1.key }) { table.add([line.process, name, text]) }
        }
        return table.isEmpty ? [] : [""] + table.lines
    }

    /// The processes as a table.
    static func table(_ processes: [ProcessLine]) -> [String] {
        guard !processes.isEmpty else { return ["no process runs on this store"] }
        var table = TextTable(["process", "tag", "queues", "busy", "of", "state", "last beat"])
        for line in processes.sorted(by: { $0.process < $1.process }) {
            table.add([
                line.process,
                line.tag,
                line.queues.joined(separator: " "),
                "\(line.busy)",
                "\(line.concurrency)",
                line.isQuiet ? "quiet" : "running",
                line.beatAt.formatted(.iso8601),
            ])
        }
        return table.lines
    }
}
