/// Who goes down and comes up with a child that failed.
enum RestartGroup {
    /// The other members of the restart, in the order of declaration.
    ///
    /// - Parameters:
    ///   - failed: The child that failed.
    ///   - order: All children in the order of declaration.
    static func others<ID: Equatable>(with failed: ID, strategy: Strategy, in order: [ID]) -> [ID] {
        switch strategy {
        case .oneForOne, .dynamic:
            return []
        case .restForOne:
            guard let index = order.firstIndex(of: failed) else { return [] }
            return Array(order[(index + 1)...])
        case .oneForAll:
            return order.filter { $0 != failed }
        }
    }
}
