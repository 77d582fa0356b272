import HiredisNIO
import TestSupport
import Testing

@Suite("Users, passwords, databases", .timeLimit(.minutes(1)))
struct AuthenticationTests {
    private static let users = [
        "--user", "bob", "on", ">builder", "~*", "&*", "+@all",
        "--user", "carl", "on", ">cook", "~*", "+get",
    ]

    /// The URL of a server's socket, with a user and a password.
    private func configuration(_ server: RedisServer, _ login: String, _ rest: String = "") throws -> RedisConfiguration
    {
        try RedisConfiguration(url: "redis+unix://\(login)\(server.socketPath)\(rest)")
    }

    @Test(
        "the default user's password and an ACL user's are accepted",
        arguments: [
            (":sesame@", "default"), ("bob:builder@", "bob"), ("default:sesame@", "default"),
        ]
    )
    func accepted(login: String, user: String) async throws {
        try await RedisServer.with(.init(password: "sesame", arguments: Self.users)) { server in
            try await withClient(self.configuration(server, login)) { client in
                let name = try await client.send("ACL", "WHOAMI").string
                #expect(name == user)
            }
        }
    }

    @Test(
        "a wrong password ends connect() at once, and stands in no error",
        arguments: [
            ":wrong-secret@", "bob:wrong-secret@", "nobody:wrong-secret@", "wrong-secret:x@",
        ]
    )
    func refused(login: String) async throws {
        try await RedisServer.with(.init(password: "sesame", arguments: Self.users)) { server in
            let configuration = try self.configuration(server, login)
            let client = RedisClient(configuration)
            let error = await #expect(throws: RedisError.self) { try await client.connect(timeout: .seconds(20)) }
            #expect(error?.code == .connectionFailed)
            #expect(error?.serverError?.code == "WRONGPASS")
            #expect(error?.kind == .permanent)
            var dumped = ""
            dump(error, to: &dumped)
            #expect(!dumped.contains("wrong-secret") || login.hasPrefix("wrong-secret"))
            #expect(error?.description.contains("wrong-secret") == false)
            await client.close()
        }
    }

    @Test("a server that wants a password and gets none is an error of the configuration")
    func missing() async throws {
        try await RedisServer.with(.init(password: "sesame", arguments: Self.users)) { server in
            let client = RedisClient(try self.configuration(server, ""))
            let error = await #expect(throws: RedisError.self) { try await client.connect(timeout: .seconds(20)) }
            #expect(error?.serverError?.code == "NOAUTH")
            #expect(error?.kind == .permanent)
            await client.close()
        }
    }

    @Test("a user who may not use CLIENT connects all the same; what the ACL forbids is permanent")
    func restricted() async throws {
        try await RedisServer.with(.init(password: "sesame", arguments: Self.users)) { server in
            var configuration = try self.configuration(server, "carl:cook@")
            configuration.clientName = "carl's"
            let client = RedisClient(configuration)
            let value = try await client.send(RedisCommand("GET", "k"), timeout: .seconds(20))
            #expect(value == .null)
            let error = await #expect(throws: RedisError.self) { try await client.send("SET", "k", "v") }
            #expect(error?.serverError?.code == "NOPERM")
            #expect(error?.kind == .permanent)
            await client.close()
        }
    }

    @Test("SELECT chooses the database, again after a reconnect, and one too high is refused")
    func database() async throws {
        try await RedisServer.with(.init(password: "sesame", arguments: Self.users)) { server in
            try await withClient(self.configuration(server, ":sesame@", "?db=3")) { client in
                try await client.send("SET", "k", "v")
                let info = try await client.send("INFO", "keyspace").string ?? ""
                #expect(info.contains("db3:keys=1"))
                _ = try? await client.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no")
                var reply: RESPValue?
                // The first may still be written to the dead connection.
                while reply == nil {
                    reply = try? await client.send(RedisCommand("GET", "k"), timeout: .seconds(20))
                }
                #expect(reply?.string == "v")
            }
            let client = RedisClient(try self.configuration(server, ":sesame@", "?db=99"))
            let error = await #expect(throws: RedisError.self) { try await client.connect(timeout: .seconds(20)) }
            #expect(error?.kind == .permanent)
            #expect(error?.message.hasPrefix("SELECT was refused") == true)
            await client.close()
        }
    }

    @Test("CLIENT SETNAME shows the name")
    func clientName() async throws {
        try await RedisServer.with { server in
            var configuration = try server.configuration
            configuration.clientName = "wingman-7"
            try await withClient(configuration) { client in
                let name = try await client.send("CLIENT", "GETNAME").string
                #expect(name == "wingman-7")
            }
        }
    }
}
