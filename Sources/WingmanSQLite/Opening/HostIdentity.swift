internal import Wingman

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Which host this is. WAL needs shared memory, so all processes of a file must be on one.
struct HostIdentity: Sendable, Equatable {
    /// The running kernel's: the same in all containers of a machine, another after each boot.
    let boot: String
    /// The installation's, which outlives boots; empty if there is none.
    let machine: String

    static let current = HostIdentity(
        boot: TextFile.read("/proc/sys/kernel/random/boot_id") ?? Self.hostName,
        machine: TextFile.read("/etc/machine-id") ?? ""
    )

    /// After a reboot the leases from before are still ours, if the installation is the same.
    func isSame(as other: HostIdentity) -> Bool {
        self.boot == other.boot || (!self.machine.isEmpty && self.machine == other.machine)
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The system's call, which `TextFile.read` would hide.
private func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, buffer, count)
}

/// Small files of the system.
enum TextFile {
    /// The text of a file without the white space around it; nil if it cannot be read or is empty.
    static func read(_ path: String) -> String? {
        guard let bytes = Self.bytes(path) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    /// At most a megabyte of a file.
    static func bytes(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 1 << 20 {
            let count = systemRead(file, &buffer, 65_536)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += buffer[..<count]
        }
        return bytes
    }
}

extension Transaction {
    /// Refuses a second host while processes of another one are alive.
    func refuseOtherHosts(_ host: HostIdentity, location: String) throws {
        let living = try self.database.rows(
            "SELECT name, boot, machine FROM processes WHERE state = 0 AND moment > ?",
            self.now.milliseconds
        ) { (name: $0.text(0), host: HostIdentity(boot: $0.text(1), machine: $0.text(2))) }
        guard let stranger = living.first(where: { !$0.host.isSame(as: host) }) else { return }
        throw StoreError(
            .refused,
            "store \(location): the process \(stranger.name) uses it from another host. An SQLite file serves one host: "
                + "stop that process, give this one a store of its own, or use Redis"
        )
    }
}
