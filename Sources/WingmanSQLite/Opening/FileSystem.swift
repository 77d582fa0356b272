internal import Wingman

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What kind of file system a store is on. WAL needs shared memory and locks that work: on network file systems they do
/// not, and two hosts would destroy the file between them.
struct FileSystem: Sendable, Equatable {
    /// The kernel's name: `ext4`, `nfs4`, `fuse.sshfs`.
    let type: String
    /// Where it is mounted.
    let mountPoint: String

    // FUSE is refused as a whole but for what is known to be local: its remote ones are many and new ones come.
    private static let localFUSE: Set<String> = ["fuseblk", "fuse.fuse-overlayfs", "fuse.ntfs-3g", "fuse.lxcfs"]
    private static let network: Set<String> = [
        "9p", "afs", "afpfs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse", "gfs", "gfs2", "glusterfs", "gpfs",
        "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "vmhgfs", "webdav",
    ]

    /// Whether several hosts may have it, or locks may not work on it.
    var isNetwork: Bool {
        if Self.network.contains(self.type) { return true }
        return self.type.hasPrefix("fuse.") && !Self.localFUSE.contains(self.type)
    }

    func refuseNetwork(at path: String) throws(StoreError) {
        guard self.isNetwork else { return }
        throw StoreError(
            .refused,
            "store sqlite:\(path): \(self.mountPoint) is a network file system (\(self.type)), on which SQLite's locks and "
                + "shared memory do not work. Put the file on a local disk, or use Redis; if it is local all the same, add "
                + "?network=allow"
        )
    }
}

extension FileSystem {
    #if canImport(Darwin)
        /// The file system of an existing directory; nil if the system does not say.
        static func of(directory: String) -> FileSystem? {
            var facts = statfs()
            guard statfs(directory, &facts) == 0 else { return nil }
            func text<Tuple>(_ tuple: Tuple) -> String {
                withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            }
            return FileSystem(type: text(facts.f_fstypename), mountPoint: text(facts.f_mntonname))
        }
    #else
        /// The file system of an existing directory; nil if the system does not say.
        static func of(directory: String) -> FileSystem? {
            var facts = stat()
            guard stat(directory, &facts) == 0, let mounts = TextFile.bytes("/proc/self/mountinfo") else { return nil }
            let device = UInt64(facts.st_dev)
            // As glibc's gnu_dev_major and gnu_dev_minor take it apart.
            let major = ((device >> 8) & 0xFFF) | ((device >> 32) & ~0xFFF)
            let minor = (device & 0xFF) | ((device >> 12) & ~0xFF)
            return Self.find(device: "\(major):\(minor)", path: directory, in: String(decoding: mounts, as: UTF8.self))
        }
    #endif

    /// Looks a directory up in the text of `/proc/self/mountinfo`: by its device, else by the longest mount point above it
    /// (a btrfs subvolume has a device of its own).
    static func find(device: String, path: String, in mounts: String) -> FileSystem? {
        var byPath: FileSystem?
        var byDevice: FileSystem?
        for line in mounts.split(separator: "\n") {
            // id parent major:minor root mount-point options … - type source options
            let fields = line.split(separator: " ")
            guard fields.count > 5, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
            let found = FileSystem(type: String(fields[dash + 1]), mountPoint: Self.unescaped(fields[4]))
            if fields[2] == device { byDevice = found }
            let isAbove = found.mountPoint == "/" || path == found.mountPoint || path.hasPrefix(found.mountPoint + "/")
            if isAbove, found.mountPoint.utf8.count >= byPath?.mountPoint.utf8.count ?? 0 { byPath = found }
        }
        return byDevice ?? byPath
    }

    /// The kernel writes white space and backslashes of a mount point as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(code)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
