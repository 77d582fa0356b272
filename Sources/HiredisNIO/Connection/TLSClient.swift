internal import NIOCore

#if TLS
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

    extension TLSFault {
        /// The fault behind an error of a handshake, one that will not go away by itself.
        ///
        /// A handshake that failed will fail again until somebody changes a certificate, a name or the URL; one that was
        /// cut short by the peer may have met a server in the middle of its start.
        init?(handshake error: (any Error)?) {
            switch error {
            case let error as TLSFault: self = error
            case let error as NIOSSLError where error == .handshakeFailed(.sslError([.eofDuringHandshake])): return nil
            case let error as NIOSSLError: self.init(what: "TLS failed", cause: error)
            case let error as NIOSSLExtraError: self.init(what: "TLS failed", cause: error)
            case let error as BoringSSLError: self.init(what: "TLS failed", cause: error)
            default: return nil
            }
        }
    }
#else
    /// Stands for TLS in a program that was built without the trait `TLS`: nothing can be connected by it.
    struct TLSClient: Sendable {
        /// - Returns: nil for a configuration without TLS.
        /// - Throws: ``TLSFault`` for one with TLS.
        init?(_ configuration: RedisConfiguration) throws {
            guard configuration.tls != nil else { return nil }
            throw TLSFault(what: "rediss:// cannot be used", cause: NotBuilt())
        }

        func makeHandler() throws -> BackPressureHandler { throw NotBuilt() }

        private struct NotBuilt: Error, CustomStringConvertible {
            let description = "this program was built without TLS: add the trait `TLS` of the package wingman"
        }
    }

    extension TLSFault {
        /// The fault behind an error, if it is one.
        init?(handshake error: (any Error)?) {
            guard let fault = error as? TLSFault else { return nil }
            self = fault
        }
    }
#endif

/// TLS cannot be set up on this side, or the peer's certificate is not accepted.
struct TLSFault: RedisConfigurationFault, CustomStringConvertible {
    var what: String
    var cause: any Error

    var description: String { "\(self.what): \(self.cause)" }
}
