import Logging

/// What a store's answers to settlements were, besides good ones.
struct InboxFindings {
    /// Messages that are others' by now.
    var stale = 0
    /// Refused for the first time, or so often that it should be said again.
    var refusals: [Inbox.Refusal] = []

    /// A stale answer is a message handled twice, a refused one a destination that cannot be written: both are rare, and
    /// somebody has to hear of them.
    func report(to logger: Logger) {
        if self.stale > 0 {
            logger.warning(
                "ends of messages refused as stale: other processes own these now",
                metadata: ["messages.stale": "\(self.stale)"]
            )
        }
        for refusal in self.refusals {
            let (message, outcome) = (refusal.settlement.message, refusal.settlement.outcome)
            logger.error(
                "a message cannot be settled: it is kept, and that is tried again",
                metadata: [
                    "message.list": "\(message.list)",
                    "message.destination": "\(outcome.destination.map { "\($0)" } ?? "none")",
                    "message.tries": "\(refusal.tries)", "error": "\(refusal.reason)",
                ]
            )
        }
    }
}
