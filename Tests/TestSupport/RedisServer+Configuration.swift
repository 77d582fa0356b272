public import HiredisNIO

extension RedisServer {
    /// Its unix socket and password, for a client that has time enough for a busy machine: twenty seconds for each limit.
    public var configuration: RedisConfiguration {
        get throws {
            var configuration = try RedisConfiguration(url: self.url)
            configuration.connectTimeout = .seconds(20)
            configuration.commandTimeout = .seconds(20)
            configuration.blockingMargin = .seconds(20)
            return configuration
        }
    }
}
