import HiredisNIO
import TestSupport

/// Runs `body` with a server and a connected client, and closes both afterwards.
func withClient<Value>(
    _ arguments: [String] = [],
    _ body: (RedisClient, RedisServer) async throws -> Value
) async throws -> Value {
    try await RedisServer.with(.init(arguments: arguments)) { server in
        try await withClient(server.configuration) { try await body($0, server) }
    }
}

/// Runs `body` with a client, connected, and closes it afterwards.
func withClient<Value>(
    _ configuration: RedisConfiguration,
    _ body: (RedisClient) async throws -> Value
) async throws -> Value {
    let client = RedisClient(configuration)
    do {
        try await client.connect(timeout: .seconds(20))
        let value = try await body(client)
        await client.close()
        return value
    } catch {
        await client.close()
        throw error
    }
}
