public import Supervision

/// What a plugin may ask of the process it runs in: for control from outside, such as an orchestrator's.
extension ServiceEnvironment {
    /// The supervision tree of this process as it is now; nil in client mode.
    public var tree: TreeNode? { self.server?.server?.treeSnapshot }

    /// Lets this process take nothing new, as the signal TSTP does: what runs goes on, and the process stays. There is no
    /// way back. Does nothing in client mode. Returns at once.
    public func quietProcess() { self.server?.server?.quiet() }
}
