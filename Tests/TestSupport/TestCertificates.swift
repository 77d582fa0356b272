/// A throw-away authority and a certificate for `localhost`, made by openssl in a server's directory.
enum TestCertificates {
    /// Writes `ca.crt`, `server.crt` and `server.key`.
    static func write(to directory: TemporaryDirectory) async throws {
        try await Self.openssl(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=wingman-test-authority -keyout ca.key -out ca.crt",
            in: directory
        )
        try await Self.openssl(
            "req -newkey rsa:2048 -nodes -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
                + " -keyout server.key -out server.csr",
            in: directory
        )
        try await Self.openssl(
            "x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy"
                + " -out server.crt",
            in: directory
        )
    }

    private static func openssl(_ arguments: String, in directory: TemporaryDirectory) async throws {
        let words = arguments.split(separator: " ").map(String.init)
        try await ChildProcess.succeed("openssl", words, workingDirectory: directory.path)
    }
}
