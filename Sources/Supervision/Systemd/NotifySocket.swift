#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a service manager takes notes: a datagram socket of the kind that sd_notify(3) writes to.
struct NotifySocket: Sendable {
    /// The address as the system wants it: a path, or a zero byte and an abstract name.
    private let address: [UInt8]

    /// Reads an address: `/run/systemd/notify`, or `@name` for an abstract one (Linux).
    ///
    /// - Returns: nil for what is neither, or too long to be an address.
    init?(_ name: String) {
        var bytes = Array(name.utf8)
        guard bytes.count > 1, bytes.count < Self.longestAddress else { return nil }
        switch bytes.first {
        case UInt8(ascii: "/"):
            break
        case UInt8(ascii: "@"):
            #if canImport(Darwin)
                return nil
            #else
                bytes[0] = 0
            #endif
        default:
            return nil
        }
        self.address = bytes
    }

    private static let longestAddress = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    /// Sends a note, without ever waiting.
    ///
    /// - Returns: Whether it was taken.
    func send(_ text: String) -> Bool {
        let descriptor = Self.open()
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let note = Array(text.utf8)
        return self.withAddress { address, length in
            sendto(descriptor, note, note.count, Self.flags, address, length) == note.count
        }
    }

    private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var socketAddress = sockaddr_un()
        socketAddress.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &socketAddress.sun_path) { $0.copyBytes(from: self.address) }
        // An abstract name is as long as the address says; a path may end there as well.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        let length = socklen_t(offset + self.address.count)
        return withUnsafePointer(to: &socketAddress) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    #if canImport(Darwin)
        private static let flags = MSG_DONTWAIT
        private static func open() -> Int32 { socket(AF_UNIX, SOCK_DGRAM, 0) }
    #else
        private static let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        private static func open() -> Int32 {
            socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
    #endif
}
