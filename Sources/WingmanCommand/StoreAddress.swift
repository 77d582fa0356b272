import Logging
import Wingman
import WingmanRedis

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if SQLite
    import WingmanSQLite
#endif

/// Where the store is: what `--store`, `WINGMAN_STORE` or `REDIS_URL` says, else a file below the working directory.
struct StoreAddress: Sendable, Equatable {
    /// The schemes a Redis store is named by.
    static let redisSchemes = ["redis", "rediss", "redis+unix", "unix"]
    /// The store of those who name none.
    static let standard = "sqlite:.wingman/store.db"

    let url: String

    /// Takes the option, else the first variable that is set, else the standard file.
    ///
    /// - Throws: `ConfigurationError` if the one that names a store names an unknown kind.
    static func find(
        option: String?,
        variable: (String) -> String? = EnvironmentVariable.read
    ) throws -> StoreAddress {
        let candidates = [("--store", option)] + ["WINGMAN_STORE", "REDIS_URL"].map { ($0, variable($0)) }
        let named = candidates.lazy.compactMap { name, url in url.map { (name, $0) } }.first
        guard let (source, url) = named else { return StoreAddress(url: Self.standard) }
        return StoreAddress(url: try Self.checked(url, from: source))
    }

    /// The URL, if its scheme is known. The message never holds the URL: it may hold a password.
    private static func checked(_ url: String, from source: String) throws -> String {
        if Self.isFile(url) { return url }
        let scheme = url.contains("://") ? url.prefix { $0 != ":" }.lowercased() : ""
        if Self.redisSchemes.contains(scheme) { return url }
        throw ConfigurationError([
            "\(source): the store's URL begins with \(Self.redisSchemes.map { "\($0)://" }.joined(separator: ", ")), "
                + "or with sqlite: and the path of a file"
        ])
    }

    /// False for a standard file that nobody has made yet: who only looks must not make one.
    var mayExist: Bool {
        self.url != Self.standard || FileManager.default.fileExists(atPath: ".wingman/store.db")
    }

    /// The path of the file, if the store is one that nobody has made yet.
    ///
    /// - Throws: `ConfigurationError` if the URL is malformed.
    func missingFile(logger: Logger) throws -> String? {
        #if SQLite
            guard let store = try self.makeStore(logger: logger) as? SQLiteStore, let path = store.path else {
                return nil
            }
            return FileManager.default.fileExists(atPath: path) ? nil : path
        #else
            return nil
        #endif
    }

    private static func isFile(_ url: String) -> Bool { url.lowercased().hasPrefix("sqlite:") }

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
            if Self.isFile(self.url) { return try Self.makeFileStore(self.url, logger: logger) }
            return try RedisStore(url: self.url, logger: logger)
        } catch let error as StoreError {
            throw ConfigurationError([error.message])
        }
    }

    private static func makeFileStore(_ url: String, logger: Logger) throws -> any Store {
        #if SQLite
            return try SQLiteStore(url: url, logger: logger)
        #else
            throw ConfigurationError([
                "this program was built without SQLite: name a Redis by --store or WINGMAN_STORE, or add the trait `SQLite` "
                    + "of the package wingman"
            ])
        #endif
    }
}
