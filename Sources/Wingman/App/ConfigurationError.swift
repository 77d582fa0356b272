/// Everything that is wrong with how a program was put together, found before anything starts.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence a fault: what, where, what to do.
    public let faults: [String]

    /// All of `faults`, in the order found.
    public init(_ faults: [String]) {
        self.faults = faults
    }

    /// All faults, a line each.
    public var description: String {
        switch self.faults.count {
        case 1: "configuration: \(self.faults[0])"
        default:
            "configuration, \(self.faults.count) faults:\n" + self.faults.map { "  - \($0)" }.joined(separator: "\n")
        }
    }
}
