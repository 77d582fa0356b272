import Testing

@testable import HiredisNIO

@Suite("Errors of the server")
struct ServerErrorTests {
    @Test(
        "each is transient, permanent or a bug",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", "LOADING", .transient),
            ("READONLY You can't write against a read only replica.", "READONLY", .transient),
            (
                "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "MASTERDOWN",
                .transient
            ),
            (
                "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "BUSY",
                .transient
            ),
            ("OOM command not allowed when used memory > 'maxmemory'.", "OOM", .transient),
            ("NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT", .transient),
            ("UNBLOCKED client unblocked via CLIENT UNBLOCK", "UNBLOCKED", .transient),
            (
                "MISCONF Redis is configured to save RDB snapshots, but it's unable to persist on disk.", "MISCONF",
                .transient
            ),
            ("CLUSTERDOWN The cluster is down", "CLUSTERDOWN", .transient),
            ("NOREPLICAS Not enough good replicas to write.", "NOREPLICAS", .transient),
            ("TRYAGAIN Multiple keys request during rehashing of slot", "TRYAGAIN", .transient),
            ("ERR max number of clients reached", "ERR", .transient),
            ("NOAUTH Authentication required.", "NOAUTH", .permanent),
            ("WRONGPASS invalid username-password pair or user is disabled.", "WRONGPASS", .permanent),
            ("ERR invalid password", "ERR", .permanent),
            ("ERR AUTH <password> called without any password configured for the default user.", "ERR", .permanent),
            ("NOPERM this user has no permissions to run the 'get' command", "NOPERM", .permanent),
            ("ERR DB index is out of range", "ERR", .permanent),
            ("MOVED 3999 127.0.0.1:6381", "MOVED", .permanent),
            ("DENIED Redis is running in protected mode", "DENIED", .permanent),
            ("ERR unknown command 'LMPOP', with args beginning with: 'sesame' ", "ERR", .permanent),
            ("EXECABORT Transaction discarded because of previous errors.", "EXECABORT", .bug),
            ("WRONGTYPE Operation against a key holding the wrong kind of value", "WRONGTYPE", .bug),
            ("ERR syntax error", "ERR", .bug),
            ("BUSYGROUP Consumer Group name already exists", "BUSYGROUP", .bug),
            ("something of a script", "ERR", .bug),
            ("", "ERR", .bug),
        ] as [(String, String, RedisServerError.Kind)]
    )
    func kinds(message: String, code: String, kind: RedisServerError.Kind) {
        let error = RedisServerError(message)
        #expect(error.code == code)
        #expect(error.kind == kind)
        #expect(!error.advice.isEmpty)
        #expect(!error.message.contains("sesame"))
    }

    @Test("a password that a server quotes is blotted out")
    func redaction() {
        let error = RedisServerError("ERR user bob with sesame: sesame is wrong")
        #expect(error.redacting("sesame").message == "ERR user bob with ***: *** is wrong")
        #expect(error.redacting("") == error)
    }

    @Test("the description says what happened, where, to which command, and what to do")
    func description() {
        let server = RedisServerError("OOM command not allowed when used memory > 'maxmemory'.")
        let error = RedisError(.server, server.message, command: "EVALSHA push", endpoint: "h:6379", cause: server)
        #expect(error.kind == .transient)
        for part in ["h:6379", "EVALSHA push", "OOM", "maxmemory is reached"] {
            #expect(error.description.contains(part))
        }
        let lost = RedisError(.connectionLost, "the server closed the connection", endpoint: "/s", mayHaveRun: true)
        #expect(lost.description.contains("may have run"))
    }

    @Test(
        "SHA-1 as FIPS 180 has it",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            (String(repeating: "a", count: 10_000), "a080cbda64850abb7b7f67ee875ba068074ff6fe"),
        ]
    )
    func sha1(text: String, digest: String) {
        #expect(SHA1.hexadecimal(text.utf8) == digest)
    }
}
