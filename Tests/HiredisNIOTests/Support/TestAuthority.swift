import Foundation

/// A certificate authority of a test's own, made by the openssl command in a directory.
struct TestAuthority {
    let directory: URL
    var certificate: String { self.path("ca.pem") }

    init(in directory: URL) throws {
        self.directory = directory
        try self.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=Test authority",
            "-keyout",
            self.path("ca.key"),
            "-out",
            self.certificate
        )
    }

    func path(_ name: String) -> String { self.directory.appendingPathComponent(name).path }

    /// Issues a certificate for `names` (`DNS:localhost,IP:127.0.0.1`) into `server.pem` and `server.key`.
    func issue(names: String) throws {
        try "subjectAltName=\(names)\n".write(toFile: self.path("names"), atomically: true, encoding: .utf8)
        try self.openssl(
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=server",
            "-keyout",
            self.path("server.key"),
            "-out",
            self.path("server.csr")
        )
        try self.openssl(
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            self.path("server.csr"),
            "-CA",
            self.certificate,
            "-CAkey",
            self.path("ca.key"),
            "-CAcreateserial",
            "-extfile",
            self.path("names"),
            "-out",
            self.path("server.pem")
        )
    }

    /// What redis-server needs to serve TLS on `port` with the issued certificate.
    func options(port: Int) -> [String] {
        [
            "--tls-port", "\(port)", "--bind", "127.0.0.1", "--tls-auth-clients", "no",
            "--tls-cert-file", self.path("server.pem"), "--tls-key-file", self.path("server.key"),
            "--tls-ca-cert-file", self.certificate,
        ]
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed(arguments: arguments) }
    }

    struct Failed: Error {
        var arguments: [String]
    }
}
