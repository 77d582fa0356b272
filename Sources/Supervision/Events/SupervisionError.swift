/// What a supervisor throws.
public struct SupervisionError: Error, Sendable {
    /// What happened, in a form to switch on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String, Sendable {
            case invalidSpecification, startFailed, gaveUp, escalated, terminated, alreadyRun, refused, unknownChild
        }

        private let value: Value

        /// The specification has faults; all are listed.
        public static let invalidSpecification = Self(value: .invalidSpecification)
        /// A child could not be started at the first start.
        public static let startFailed = Self(value: .startFailed)
        /// A child failed more often than its intensity allows.
        public static let gaveUp = Self(value: .gaveUp)
        /// A child's specification wants its error to end the supervisor.
        public static let escalated = Self(value: .escalated)
        /// A child ended the tree, by its specification or by asking for it.
        public static let terminated = Self(value: .terminated)
        /// `run()` was called a second time.
        public static let alreadyRun = Self(value: .alreadyRun)
        /// The supervisor does not do this now: it stops, is full, or has a child of that name.
        public static let refused = Self(value: .refused)
        /// There is no child of that name.
        public static let unknownChild = Self(value: .unknownChild)

        /// The name of the code.
        public var description: String { self.value.rawValue }
    }

    /// What happened.
    public var code: Code
    /// What happened, for people.
    public var message: String
    /// The supervisor or child that it is about, from the root: `wingman/jobs`.
    public var path: String
    /// The error behind it: the child's last one.
    public var cause: (any Error)?
    /// The failures that led to it, the oldest first; at most the last sixteen.
    public var history: [FailureRecord]
    /// The faults of a specification.
    public var faults: [SpecificationFault]
    /// The code the process is to end with, where a policy set one.
    public var exitCode: Int32?

    init(
        _ code: Code,
        path: String,
        message: String,
        cause: (any Error)? = nil,
        history: [FailureRecord] = [],
        faults: [SpecificationFault] = [],
        exitCode: Int32? = nil
    ) {
        self.code = code
        self.message = message
        self.path = path
        self.cause = cause
        self.history = history
        self.faults = faults
        self.exitCode = exitCode
    }
}

extension SupervisionError: CustomStringConvertible {
    /// Everything an operator needs: what, where, and each failure on a line of its own, down to the innermost supervisor.
    public var description: String {
        var lines = ["\(self.path): \(self.message)"]
        lines += self.faults.map { "  \($0)" }
        for record in self.history {
            lines += "\(record)".split(separator: "\n").map { "  \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
