/// What went wrong between this process and its store, in words an operator can act on.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of trouble it is: decides who waits, who gives up and who complains.
    public enum Code: String, Sendable {
        /// The store cannot be reached, restarts, loads or is too slow. Waiting helps.
        case unavailable
        /// The store has no room. Jobs can be finished, not pushed.
        case full
        /// The store refuses us: password, rights, version, mode. Waiting does not help.
        case refused
        /// The store answered what it never should: a defect of ours or of the store.
        case unexpected
    }

    /// The kind of trouble.
    public var code: Code
    /// What happened, to what, and what to do. Never holds a password or a job's arguments.
    public var message: String
    /// True if the call may have been carried out although no answer came.
    public var mayHaveRun: Bool
    /// The error below, if any.
    public var cause: (any Error)?

    /// An error of kind `code`.
    public init(_ code: Code, _ message: String, mayHaveRun: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
        self.cause = cause
    }

    /// The message.
    public var description: String { self.message }
}
