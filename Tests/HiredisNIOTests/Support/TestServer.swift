import Foundation
import HiredisNIO

/// A redis-server of a test's own, in a directory of its own, on a unix socket and, when asked for, on a port of loopback.
/// To be replaced by TestSupport's as soon as that has the same options.
final class TestServer: @unchecked Sendable {  // used by one test at a time; `process` changes only in start and kill
    let directory: URL
    private let arguments: [String]
    private var process: Process?

    var socketPath: String { self.directory.appendingPathComponent("s").path }
    var socketURL: String { "redis+unix://\(self.socketPath)" }
    var configuration: RedisConfiguration { RedisConfiguration(endpoint: .unixSocket(path: self.socketPath)) }

    init(_ options: [String] = [], directory: URL? = nil) throws {
        self.directory = try directory ?? Self.makeDirectory()
        let path = self.directory.path
        self.arguments =
            ["--save", "", "--appendonly", "no", "--port", "0", "--dir", path, "--unixsocket", "\(path)/s"]
            + ["--enable-debug-command", "yes", "--logfile", "\(path)/log"] + options
    }

    /// A short path: a socket's has at most 107 bytes.
    static func makeDirectory() throws -> URL {
        let url = URL(fileURLWithPath: "/tmp/hn-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/redis-server")
        process.arguments = self.arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    /// Ends the server as `kill -9` does, and returns when it is gone.
    func kill() {
        guard let process = self.process else { return }
        self.process = nil
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func stop() {
        self.kill()
        try? FileManager.default.removeItem(at: self.directory)
    }

    /// A port of loopback that is free at the moment.
    static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = bind(descriptor, address, length)
                _ = getsockname(descriptor, address, &length)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }
}

/// Runs `body` with a server, and stops that afterwards.
func withServer<Value>(
    _ options: [String] = [],
    _ body: (TestServer) async throws -> Value
) async throws -> Value {
    let server = try TestServer(options)
    defer { server.stop() }
    try server.start()
    return try await body(server)
}

/// Runs `body` with a server and a connected client, and closes both afterwards.
func withClient<Value>(
    _ options: [String] = [],
    _ body: (RedisClient, TestServer) async throws -> Value
) async throws -> Value {
    try await withServer(options) { server in
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
