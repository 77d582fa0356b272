internal import NIOCore
internal import NIOSSL

/// Makes the TLS handlers of a configuration. The certificate's chain and name are always verified in full.
struct TLSClient: Sendable {
    private let context: NIOSSLContext
    private let serverName: String?

    /// - Returns: nil for a configuration without TLS.
    /// - Throws: ``TLSFault`` when the file of authorities cannot be used.
    init?(_ configuration: RedisConfiguration) throws {
        guard let tls = configuration.tls else { return nil }
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.minimumTLSVersion = .tlsv12
        settings.certificateVerification = .fullVerification
        settings.shutdownTimeout = .milliseconds(250)  // a dead peer says no good-bye: do not wait for it to reconnect
        do {
            if let file = tls.authorityFile {
                settings.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(file))
            }
            self.context = try NIOSSLContext(configuration: settings)
        } catch {
            let source = tls.authorityFile ?? "of the system"
            throw TLSFault(what: "cannot read the certificate authorities \(source)", cause: error)
        }
        self.serverName = Self.serverName(tls, configuration.endpoint)
    }

    func makeHandler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: self.context, serverHostname: self.serverName)
    }

    /// The name to verify; nil for an address, which NIOSSL then compares with the certificate's addresses.
    private static func serverName(_ tls: RedisTLS, _ endpoint: RedisEndpoint) -> String? {
        if let name = tls.serverName { return name }
        guard case .tcp(let host, _) = endpoint else { return nil }
        return (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
    }
}

/// TLS cannot be set up on this side, or the peer's certificate is not accepted.
struct TLSFault: RedisConfigurationFault, CustomStringConvertible {
    var what: String
    var cause: any Error

    var description: String { "\(self.what): \(self.cause)" }
}
