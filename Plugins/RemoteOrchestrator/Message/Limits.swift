/// What a message may be: checked before, or while, it is read. Nothing larger is decoded.
struct Limits: Sendable, Equatable {
    /// The largest message, in bytes.
    var bytes = 1 << 20
    /// What the lists of replies must begin with: else anybody could write to any list of the store.
    var replyPrefixes = ["replies:"]

    /// The most headers.
    static let headers = 64
    /// The longest id, key, client, type and the like, in bytes of UTF-8.
    static let name = 256
    /// The latest time, in milliseconds since 1970: up to 2⁵³ every whole number is exact, and adding to one cannot overflow.
    static let latest = 9_007_199_254_740_992

    /// Whether a reply may go to this list.
    func allowsReply(to list: String) -> Bool {
        self.replyPrefixes.contains { list.hasPrefix($0) && list.utf8.count > $0.utf8.count }
    }
}
