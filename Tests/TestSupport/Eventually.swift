/// What goes wrong in the tests' own machinery.
public enum TestSupportError: Error, CustomStringConvertible {
    /// A wait reached its deadline; `last` is what was seen at the end.
    case deadline(what: String, after: Duration, last: String?)
    /// A child process could not be started, or ended when it should not have.
    case process(String)
    /// An executable of this package, or a tool of the system, is not where it should be.
    case missing(String)

    /// One line, and what was seen last below it.
    public var description: String {
        switch self {
        case .deadline(let what, let deadline, let last):
            "waited \(deadline) for \(what)" + (last.map { ", last seen:\n\($0)" } ?? "")
        case .process(let text), .missing(let text):
            text
        }
    }
}

/// How long a wait on real processes may take before the test gives up: long, since it is not a claim about speed.
public let patience: Duration = .seconds(60)

/// Looks again and again until `condition` holds for what `observe` sees, and returns that.
///
/// For what has no event to wait on, such as keys in Redis. It is not a timed assertion: the deadline is generous.
///
/// - Throws: `TestSupportError.deadline` with the last value seen, or what `observe` throws.
@discardableResult
public func eventually<Value: Sendable>(
    _ what: String,
    within deadline: Duration = patience,
    observe: () async throws -> Value,
    until condition: (Value) throws -> Bool
) async throws -> Value {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    while true {
        let value = try await observe()
        if try condition(value) { return value }
        guard clock.now < end else {
            throw TestSupportError.deadline(what: what, after: deadline, last: String(describing: value))
        }
        try await Task.sleep(for: pollingInterval)
    }
}

/// Looks again and again until `condition` holds.
///
/// - Throws: `TestSupportError.deadline`, or what `condition` throws.
public func eventually(
    _ what: String,
    within deadline: Duration = patience,
    _ condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: deadline, observe: condition, until: { holds in holds })
}

// A redis-cli call costs about 5 ms: a fifth of a core at most.
private let pollingInterval: Duration = .milliseconds(20)
