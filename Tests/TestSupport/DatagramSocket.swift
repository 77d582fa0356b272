#if canImport(Glibc)
    import Glibc
#endif

/// A datagram socket as a service manager has it, bound to a path or to an abstract name (which Linux alone knows).
public final class DatagramSocket: Sendable {
    /// What `NOTIFY_SOCKET` is to say: `/tmp/…`, or `@…` for an abstract name.
    public let address: String
    private let descriptor: Int32

    /// Binds a socket under a name that nobody else has.
    public init(isAbstract: Bool = false) throws {
        let name = "wingman-notify-\(getpid())-\(UInt64.random(in: .min ... .max))"
        self.address = isAbstract ? "@\(name)" : "/tmp/\(name)"
        self.descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var socketAddress = sockaddr_un()
        socketAddress.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(self.address.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t((MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0) + bytes.count)
        let result = withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(self.descriptor, $0, length) }
        }
        guard result == 0 else { throw DatagramSocketError(code: errno) }
    }

    deinit {
        close(self.descriptor)
        if self.address.hasPrefix("/") { unlink(self.address) }
    }

    /// The datagrams that have come and were not read, without waiting.
    public func receive() -> [String] {
        var texts: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(self.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return texts }
            texts.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
    }

    /// Reads datagrams until the queue of the socket is as long as the system allows, so that the next one is refused.
    public func fill() -> Int {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(self.descriptor, $0, &length) }
        }
        var count = 0
        let sender = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(sender) }
        var byte: UInt8 = 0
        while true {
            let sent = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(sender, &byte, 1, Int32(MSG_DONTWAIT), $0, length)
                }
            }
            guard sent == 1 else { return count }
            count += 1
        }
    }
}

/// Why no socket could be bound.
struct DatagramSocketError: Error {
    let code: Int32
}
