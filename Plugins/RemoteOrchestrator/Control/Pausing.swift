import Wingman

/// Which clients are paused stands in the store, for processes to come.
enum Pausing {
    /// Notes that a client is paused, or is not any more.
    static func change(_ isPaused: Bool, client: String, keys: OrchestratorKeys) -> Change {
        let member = Array(client.utf8)
        return Change([isPaused ? .insert(keys.paused, member: member) : .remove(keys.paused, member: member)])
    }
}
