internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// Fresh directories of this test process under `/tmp`, short enough for the path of a unix socket.
///
/// Those that an earlier, killed test process left behind are removed at the first use.
public struct TemporaryDirectory: Sendable {
    /// The absolute path, without a slash at the end.
    public let path: String

    /// Makes a fresh directory.
    ///
    /// - Throws: when `/tmp` cannot be written.
    public init(_ purpose: String) throws {
        Self.sweepOnce()
        let number = Self.made.add(1, ordering: .relaxed).newValue
        self.path = "\(Self.prefix)\(getpid())/\(purpose)-\(number)"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
    }

    /// Removes the directory and all in it. Removing it twice does no harm.
    public func remove() {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    /// The path of a file in it.
    public func file(_ name: String) -> String {
        "\(self.path)/\(name)"
    }

    private static let prefix = "/tmp/wingman-tests-"
    private static let made = Atomic<Int>(0)
    private static let swept = Atomic<Bool>(false)

    /// A directory carries the pid of its test process: one whose process is gone belongs to nobody.
    private static func sweepOnce() {
        guard !Self.swept.exchange(true, ordering: .relaxed) else { return }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names {
            guard let pid = "/tmp/\(name)".hasPrefix(Self.prefix) ? pid_t(name.split(separator: "-").last ?? "") : nil,
                kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: "/tmp/\(name)")
        }
    }
}
