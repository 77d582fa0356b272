import ArgumentParser
import Wingman

/// A place of the store as the command line writes it: `retry`, `schedule`, `dead`, `quarantine`, `queue:NAME`, `list:KEY`.
struct PlaceArgument: ExpressibleByArgument {
    let place: Place

    init?(argument: String) {
        switch argument {
        case "retry": self.place = .retry
        case "schedule": self.place = .schedule
        case "dead": self.place = .dead
        case "quarantine": self.place = .quarantine
        default:
            let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            switch parts[0] {
            case "queue": self.place = .queue(parts[1])
            case "list": self.place = .list(parts[1])
            default: return nil
            }
        }
    }

    static let help: ArgumentHelp = "Where: retry, schedule, dead, quarantine, queue:NAME or list:KEY."
}

extension Store {
    /// Walks over all entries of a place in portions, until `body` returns false.
    ///
    /// What is added or taken meanwhile may be met twice or not at all, as on Sidekiq's own pages.
    func eachEntry(in place: Place, _ body: (Entry) throws -> Bool) async throws {
        let portion = 500
        var offset = 0
        while true {
            let entries = try await self.entries(in: place, from: offset, limit: portion)
            for entry in entries where try !body(entry) { return }
            guard entries.count == portion else { return }
            offset += portion
        }
    }
}
