import Supervision
import Wingman

/// The health check `router`: whether somebody routes, and whether this process's router goes on.
struct RouterCheck: Sendable {
    let board: LaneBoard
    let environment: ServiceEnvironment

    /// Longer than any step of a store that is there.
    private static let longestStep = Duration.seconds(30)

    func health() async -> Health {
        guard self.board.hasLooked else { return .healthy }
        return Self.health(self.board.router, owner: self.board.routerOwner, now: self.environment.time.now)
    }

    /// - Parameters:
    ///   - owner: Who routes; nil if nobody does.
    ///   - now: On the timekeeper's scale.
    static func health(_ router: LaneBoard.RouterState, owner: String?, now: Duration) -> Health {
        if let since = router.busySince, now - since > Self.longestStep {
            return .unhealthy("the router has been busy with one step for \((now - since).optionText)")
        }
        guard owner != nil else { return .degraded("no process routes messages") }
        return .healthy
    }
}
