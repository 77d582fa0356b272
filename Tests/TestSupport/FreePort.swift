#if canImport(Glibc)
    internal import Glibc
#endif

/// Finds TCP ports for servers of tests.
public enum FreePort {
    /// A port of 127.0.0.1 that was free a moment ago: the kernel picks one, and seldom the same again soon.
    ///
    /// - Throws: when no socket can be bound.
    public static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard isBound else { throw TestSupportError.process("no free port: \(String(cString: strerror(errno)))") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
