import Wingman
import WingmanCommandKit

/// Pushes jobs line by line, a thousand a round trip, without holding more than those in memory.
struct BulkPush {
    /// What became of the lines.
    struct Summary: Encodable {
        /// Jobs that are in the store.
        var pushed = 0
        /// Jobs that a client middleware refused.
        var refused = 0
        /// Lines that are no arguments; each was named.
        var bad = 0

        /// `pushed 1000`, and what else there was.
        var text: String {
            var parts = ["pushed \(self.pushed)"]
            if self.refused > 0 { parts.append("refused by a middleware \(self.refused)") }
            if self.bad > 0 { parts.append("bad lines \(self.bad)") }
            return parts.joined(separator: ", ")
        }
    }

    let request: PushRequest
    let client: Client
    private var summary = Summary()
    private var progress = Progress("pushed")

    init(request: PushRequest, client: Client) {
        self.request = request
        self.client = client
    }

    /// Pushes all lines. Blank lines are skipped.
    ///
    /// - Throws: ``ExitStatus`` if the store or the input fails, telling how far it came.
    consuming func run(_ lines: inout LineReader) async throws -> Summary {
        var slice: [String] = []
        while let line = try lines.next() {
            guard !line.text.allSatisfy(\.isWhitespace) else { continue }
            if let fault = self.request.fault(in: line.text) {
                self.summary.bad += 1
                self.progress.clear()
                Output.error("line \(line.number): \(fault)")
                continue
            }
            slice.append(line.text)
            if slice.count == Client.bulkLimit { try await self.push(&slice, before: line.number) }
        }
        if !slice.isEmpty { try await self.push(&slice, before: lines.number) }
        self.progress.clear()
        return self.summary
    }

    /// If we die in here, what was pushed stays pushed: the summary is the only way to know how much.
    private mutating func push(_ slice: inout [String], before line: Int) async throws {
        do {
            let ids = try await self.request.push(slice, with: self.client)
            let pushed = ids.count { $0 != nil }
            self.summary.pushed += pushed
            self.summary.refused += ids.count - pushed
            self.progress.show(self.summary.pushed)
            slice.removeAll(keepingCapacity: true)
        } catch let error as StoreError {
            self.progress.clear()
            let fate = error.mayHaveRun ? "may have been pushed" : "were not pushed"
            throw ExitStatus(
                code: ExitStatus.unavailable,
                message: "\(error) \(self.summary.text); the last \(slice.count) jobs up to line \(line) \(fate)."
            )
        }
    }
}
