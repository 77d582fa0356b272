internal import Wingman

/// Where a store is and how it is kept: `sqlite:path`, `sqlite:///absolute/path`, `sqlite::memory:`, with options behind `?`.
struct SQLiteAddress: Sendable, Equatable {
    /// How much of it survives a power cut; a killed process costs nothing in either.
    enum Synchronous: String, Sendable, CaseIterable {
        /// Everything acknowledged.
        case full
        /// All but the last moments.
        case normal
    }

    /// Whether the file is read through when it is opened.
    enum Check: String, Sendable, CaseIterable {
        /// If it has no more than 256 MiB: a third of a second.
        case quick
        /// However large it is.
        case full
        /// Not at all.
        case off
    }

    /// Nil in memory.
    var path: String?
    var synchronous = Synchronous.full
    /// How long a call waits for other processes' transactions.
    var busyTimeout = Duration.seconds(5)
    /// Pages of 4 KiB after which the log is moved into the file.
    var pagesOfLog = 4_000
    /// The operator knows that the file system, though it looks like one, is not shared by hosts.
    var allowsNetwork = false
    var check = Check.quick

    /// As it is shown: without options.
    var location: String { "sqlite:\(self.path ?? ":memory:")" }

    private static let options =
        "synchronous=full|normal, busy_timeout=MILLISECONDS, "
        + "wal_autocheckpoint=PAGES, network=refuse|allow, check=quick|full|off"

    init(url: String) throws(StoreError) {
        let scheme = "sqlite:"
        guard url.hasPrefix(scheme) else {
            throw StoreError(
                .refused,
                "'\(url)' is no SQLite store; write sqlite:path, sqlite:///path or sqlite::memory:"
            )
        }
        let parts = url.dropFirst(scheme.count).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        self.path = try Self.path(parts[0], in: url)
        guard parts.count == 2 else { return }
        for option in parts[1].split(separator: "&") {
            let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            try self.set(String(pair[0]), pair.count == 2 ? String(pair[1]) : "", in: url)
        }
    }

    private static func path(_ text: Substring, in url: String) throws(StoreError) -> String? {
        if text == ":memory:" { return nil }
        var text = text
        if text.hasPrefix("//") {
            // An authority, as URLs have it, must be empty: the file is here.
            text = text.dropFirst(2)
            guard text.hasPrefix("/") else {
                throw StoreError(
                    .refused,
                    "'\(url)' names a host; an SQLite store is a file here: write sqlite:///path"
                )
            }
        }
        guard !text.isEmpty, !text.hasSuffix("/"), !text.contains("\0") else {
            throw StoreError(.refused, "'\(url)' names no file; write sqlite:path, such as sqlite:.wingman/store.db")
        }
        return String(text)
    }

    private mutating func set(_ name: String, _ value: String, in url: String) throws(StoreError) {
        switch name {
        case "synchronous":
            if let known = Synchronous(rawValue: value) {
                self.synchronous = known
                return
            }
        case "busy_timeout":
            // A day is longer than anybody waits, and fits.
            if let known = Int(value), 0...86_400_000 ~= known {
                self.busyTimeout = .milliseconds(known)
                return
            }
        case "wal_autocheckpoint":
            if let known = Int(value), 1...1_000_000 ~= known {
                self.pagesOfLog = known
                return
            }
        case "network":
            if value == "allow" || value == "refuse" {
                self.allowsNetwork = value == "allow"
                return
            }
        case "check":
            if let known = Check(rawValue: value) {
                self.check = known
                return
            }
        default:
            throw StoreError(.refused, "'\(url)': there is no option '\(name)'; there are \(Self.options)")
        }
        throw StoreError(.refused, "'\(url)': '\(value)' is no value of '\(name)'; there are \(Self.options)")
    }
}
