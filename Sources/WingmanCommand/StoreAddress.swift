import Logging
import Wingman
import WingmanRedis

/// Where the store is: what `--store`, `WINGMAN_STORE` or `REDIS_URL` says.
struct StoreAddress: Sendable, Equatable {
    /// The schemes a Redis store is named by.
    static let schemes = ["redis", "rediss", "redis+unix", "unix"]

    let url: String

    /// Takes the option, else the first variable that is set.
    ///
    /// - Throws: `ConfigurationError` if none names a store, or if the one that does names an unknown kind.
    static func find(
        option: String?,
        variable: (String) -> String? = EnvironmentVariable.read
    ) throws -> StoreAddress {
        let candidates = [("--store", option)] + ["WINGMAN_STORE", "REDIS_URL"].map { ($0, variable($0)) }
        guard let (source, url) = candidates.lazy.compactMap({ name, url in url.map { (name, $0) } }).first else {
            throw ConfigurationError([
                "no store is named: pass --store URL or set WINGMAN_STORE or REDIS_URL, for instance to "
                    + "redis://localhost:6379/0 (a store in a file, which needs no server, is not there yet)"
            ])
        }
        return StoreAddress(url: try Self.checked(url, from: source))
    }

    /// The URL, if its scheme is known. The message never holds the URL: it may hold a password.
    private static func checked(_ url: String, from source: String) throws -> String {
        let scheme = url.contains("://") ? url.prefix { $0 != ":" }.lowercased() : ""
        if Self.schemes.contains(scheme) { return url }
        if scheme == "sqlite" || url.hasPrefix("sqlite:") {
            throw ConfigurationError(["\(source): stores in a file (sqlite:) are not there yet, use a Redis URL"])
        }
        throw ConfigurationError([
            "\(source): the store's URL begins with \(Self.schemes.map { "\($0)://" }.joined(separator: ", "))"
        ])
    }

    /// Connects.
    ///
    /// - Throws: `ConfigurationError` if the URL is malformed, `StoreError` if the store cannot be used.
    func open(logger: Logger) async throws -> any Store {
        let store = try self.makeStore(logger: logger)
        try await store.open()
        return store
    }

    /// The store at the address, not connected.
    ///
    /// - Throws: `ConfigurationError` if the URL is malformed.
    func makeStore(logger: Logger) throws -> any Store {
        do {
            return try RedisStore(url: self.url, logger: logger)
        } catch let error as StoreError {
            throw ConfigurationError([error.message])
        }
    }
}
