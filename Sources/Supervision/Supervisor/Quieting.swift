public import ServiceLifecycle

/// A service that can be told to take no new work, while it finishes what it has.
public protocol Quieting: Service {
    /// Called once per incarnation, when the tree becomes quiet or, after that, when the incarnation is ready. It is waited
    /// for, but not longer than the graceful part of the stop budget.
    func quiet() async
}
