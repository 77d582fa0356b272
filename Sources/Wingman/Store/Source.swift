/// A list that jobs or messages are claimed from.
public enum Source: Hashable, Sendable {
    /// A Sidekiq queue, by its bare name.
    case queue(String)
    /// A plain list of messages, by its key in the store.
    case list(String)
}

extension Source {
    /// The queue's bare name, or the list's key.
    var name: String {
        switch self {
        case .queue(let name): name
        case .list(let key): key
        }
    }
}
