/// How something is.
public enum Health: Sendable, Equatable {
    /// All is well.
    case healthy
    /// It works, but something is not as it should be: what, in a few words.
    case degraded(String)
    /// It does not work: why, in a few words.
    case unhealthy(String)

    /// `healthy`, `degraded`, `unhealthy`.
    public var word: String {
        switch self {
        case .healthy: "healthy"
        case .degraded: "degraded"
        case .unhealthy: "unhealthy"
        }
    }

    /// What is wrong, if anything is.
    public var reason: String? {
        switch self {
        case .healthy: nil
        case .degraded(let reason), .unhealthy(let reason): reason
        }
    }
}

/// The last answer of one check of one plugin.
public struct HealthReport: Sendable, Equatable {
    /// Whose check it is.
    public let plugin: String
    /// What is looked at.
    public let check: String
    /// The last answer.
    public let health: Health
}

/// A question a plugin has about itself, asked again and again.
struct HealthCheck: Sendable {
    let plugin: String
    let name: String
    let interval: Duration
    let limit: Duration
    let body: @Sendable (ServiceEnvironment) async throws -> Health
}
