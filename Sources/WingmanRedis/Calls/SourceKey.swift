internal import Wingman

/// How a source is named in Redis: a queue by Sidekiq's prefix, a list by its plain key.
extension Source {
    private static let queuePrefix = "queue:"

    var key: String {
        switch self {
        case .queue(let name): Self.queuePrefix + name
        case .list(let key): key
        }
    }

    init(key: String) {
        if key.hasPrefix(Self.queuePrefix) {
            self = .queue(String(key.dropFirst(Self.queuePrefix.count)))
        } else {
            self = .list(key)
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; never negative and never more than 100 years.
    var wholeMilliseconds: Int {
        let milliseconds = self / .milliseconds(1)
        return Int(min(max(milliseconds.rounded(.up), 0), 3_153_600_000_000))
    }
}
