/// Reads the URLs that ``RedisConfiguration/init(url:)`` takes.
///
/// No message repeats any part of the text: what stands in the wrong place may be a piece of a password.
struct RedisURL {
    private enum Scheme {
        case plain, tls, unixSocket
    }

    private let scheme: Scheme
    private var authority: Substring
    private var path: Substring
    private var query: [(name: String, value: String)]

    static func parse(_ text: String) throws(RedisError) -> RedisConfiguration {
        try Self(text).configuration()
    }

    private init(_ text: String) throws(RedisError) {
        guard let colon = text.firstRange(of: "://") else { throw Self.fault("it does not begin with redis://") }
        self.scheme = try Self.scheme(named: text[..<colon.lowerBound])
        var rest = text[colon.upperBound...]
        guard !rest.contains("#") else { throw Self.fault("it contains #; write %23") }
        self.query = []
        if let mark = rest.firstIndex(of: "?") {
            self.query = try Self.parseQuery(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        self.authority = rest[..<slash]
        self.path = rest[slash...]
    }

    private static func scheme(named name: Substring) throws(RedisError) -> Scheme {
        switch name.lowercased() {
        case "redis": return .plain
        case "rediss": return .tls
        case "redis+unix", "unix": return .unixSocket
        default: throw Self.fault("its scheme is none of redis, rediss, redis+unix and unix")
        }
    }

    private func configuration() throws(RedisError) -> RedisConfiguration {
        let at = self.authority.lastIndex(of: "@")
        let host = at.map { self.authority[self.authority.index(after: $0)...] } ?? self.authority
        var configuration: RedisConfiguration
        switch self.scheme {
        case .unixSocket:
            guard host.isEmpty, self.path.count > 1 else {
                throw Self.fault("a socket's path must be absolute: redis+unix:///run/redis.sock")
            }
            configuration = RedisConfiguration(endpoint: .unixSocket(path: try Self.decode(self.path, "the path")))
        case .plain, .tls:
            configuration = RedisConfiguration(endpoint: try Self.endpoint(host))
            configuration.database = try self.databaseFromPath()
        }
        if self.scheme == .tls { configuration.tls = RedisTLS() }
        if let at { configuration.credentials = try Self.credentials(self.authority[..<at]) }
        for (name, value) in self.query { try self.apply(name, value, to: &configuration) }
        return configuration
    }

    private static func endpoint(_ text: Substring) throws(RedisError) -> RedisEndpoint {
        let (host, rest) = try Self.splitHost(text)
        guard !rest.isEmpty else { return .tcp(host: host, port: 6379) }
        guard rest.first == ":", let port = Self.number(rest.dropFirst()), (1...65_535).contains(port) else {
            throw Self.fault("its port is not a number of 1 to 65535 (percent-encode / ? # @ in a password)")
        }
        return .tcp(host: host, port: port)
    }

    private static func splitHost(_ text: Substring) throws(RedisError) -> (host: String, rest: Substring) {
        guard text.first == "[" else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            let host = try Self.decode(text[..<end], "the host")
            return (host.isEmpty ? "localhost" : host, text[end...])
        }
        guard let end = text.firstIndex(of: "]") else { throw Self.fault("an IPv6 address lacks its closing bracket") }
        let host = text[text.index(after: text.startIndex)..<end]
        guard !host.isEmpty else { throw Self.fault("there is no address between its brackets") }
        return (String(host), text[text.index(after: end)...])
    }

    private static func credentials(_ text: Substring) throws(RedisError) -> RedisCredentials? {
        guard let colon = text.firstIndex(of: ":") else {
            guard text.isEmpty else {
                throw Self.fault("it has a user and no password: write user:password@ or :password@")
            }
            return nil
        }
        let user = try Self.decode(text[..<colon], "the user")
        let password = try Self.decode(text[text.index(after: colon)...], "the password")
        if user.isEmpty, password.isEmpty { return nil }
        return RedisCredentials(user: user.isEmpty ? nil : user, password: password)
    }

    private func databaseFromPath() throws(RedisError) -> Int {
        let text = self.path.dropFirst()
        return text.isEmpty ? 0 : try Self.database(String(text))
    }

    private static func database(_ text: String) throws(RedisError) -> Int {
        guard let number = Self.number(text[...]), (0...Int(Int32.max)).contains(number) else {
            throw Self.fault("its database is not a number of 0 or more")
        }
        return number
    }

    private func apply(
        _ name: String,
        _ value: String,
        to configuration: inout RedisConfiguration
    ) throws(RedisError) {
        switch name {
        case "db": configuration.database = try Self.database(value)
        case "cacert" where self.scheme == .tls: configuration.tls?.authorityFile = value
        case "sni" where self.scheme == .tls: configuration.tls?.serverName = value
        case "cacert", "sni": throw Self.fault("cacert and sni are for rediss:// only")
        default: throw Self.fault("it has an unknown parameter; there are db, and for rediss:// cacert and sni")
        }
    }
}

extension RedisURL {
    private static func parseQuery(_ text: Substring) throws(RedisError) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            let name = try Self.decode(pair[..<equals], "a parameter")
            let value = try Self.decode(pair[equals...].dropFirst(), "a parameter")
            guard !value.isEmpty else { throw Self.fault("a parameter has no value") }
            pairs.append((name, value))
        }
        return pairs
    }

    /// Decodes `%XX`. A plus sign is a plus sign.
    private static func decode(_ text: Substring, _ part: String) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(Substring(rest.prefix(2)))
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else {
                throw Self.fault("\(part) has a % that no two hexadecimal digits follow; a plain % is written %25")
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw Self.fault("\(part) is not UTF-8") }
        guard !decoded.utf8.contains(0) else { throw Self.fault("\(part) contains a zero byte") }
        return decoded
    }

    /// A number of digits only: Int() would take a sign as well.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    private static func fault(_ what: String) -> RedisError {
        RedisError(.invalidConfiguration, "the URL is not one of Redis: \(what)")
    }
}

extension RedisConfiguration {
    /// Reads a URL.
    ///
    /// - `redis://[user:password@]host[:port][/database]`, also `redis://:password@host`
    /// - `rediss://…` the same over TLS; `?cacert=FILE` trusts a private authority, `?sni=NAME` verifies another name
    /// - `redis+unix:///path/to.sock[?db=N]`, also `unix:///path/to.sock`
    ///
    /// Special characters in a user or password are percent-encoded.
    ///
    /// - Throws: ``RedisError/Code/invalidConfiguration``, saying which part is wrong without repeating it.
    public init(url: String) throws(RedisError) {
        self = try RedisURL.parse(url)
    }
}
