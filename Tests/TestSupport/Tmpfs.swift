#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A small file system in memory, mounted for a test. Needs root on Linux.
public struct Tmpfs: Sendable {
    /// Where it is mounted.
    public let directory: TemporaryDirectory

    /// Whether one can be mounted here: tried once.
    public static let isAvailable: Bool = {
        guard geteuid() == 0, let directory = try? TemporaryDirectory("tmpfs-try") else { return false }
        defer { directory.remove() }
        guard Self.mount(directory.path, "size=64k") else { return false }
        return umount2(directory.path, Int32(MNT_DETACH)) == 0
    }()

    /// Runs `body` with one of this size, and unmounts it.
    public static func with(kilobytes: Int, _ body: (Tmpfs) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("tmpfs")
        defer { directory.remove() }
        guard Self.mount(directory.path, "size=\(kilobytes)k") else {
            throw TestSupportError.process("mount: errno \(errno)")
        }
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        try await body(Tmpfs(directory: directory))
    }

    private static func mount(_ path: String, _ options: String) -> Bool {
        Glibc.mount("tmpfs", path, "tmpfs", 0, options) == 0
    }

    /// Lets nothing be written any more.
    public func makeReadOnly() -> Bool {
        Glibc.mount("tmpfs", self.directory.path, "tmpfs", UInt(Int(MS_REMOUNT) | Int(MS_RDONLY)), nil) == 0
    }

    /// Takes the rest of the room away.
    public func fill() throws {
        let file = open(self.directory.file("ballast"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw TestSupportError.process("ballast: errno \(errno)") }
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4_096)
        while write(file, block, block.count) > 0 {}
    }

    /// Gives it back.
    public func makeRoom() {
        unlink(self.directory.file("ballast"))
    }
}
