internal import Wingman

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The file of a store and what is beside it: made with rights for its owner only, and never opened but by SQLite, for
/// closing any descriptor of a file drops all locks that the process has on it.
struct StoreFile: Sendable {
    /// Absolute: the working directory may change.
    let path: String

    init(path: String) {
        guard !path.hasPrefix("/"), let directory = getcwd(nil, 0) else {
            self.path = path
            return
        }
        defer { free(directory) }
        self.path = "\(String(cString: directory))/\(path)"
    }

    var directory: String {
        let end = self.path.lastIndex(of: "/") ?? self.path.startIndex
        return end == self.path.startIndex ? "/" : String(self.path[..<end])
    }

    /// What SQLite keeps beside the file, and the bell.
    var log: String { self.path + "-wal" }
    var sharedMemory: String { self.path + "-shm" }
    var bell: String { self.path + "-bell" }

    /// Bytes of the file and its log.
    var size: Int { (Self.facts(self.path)?.size ?? 0) + (Self.facts(self.log)?.size ?? 0) }

    /// Makes the directory, for its owner only, where there is none.
    func makeDirectory() throws(StoreError) {
        try self.makeDirectory(self.directory)
    }

    /// Makes an empty file, for its owner only, where there is none. One that is there keeps its rights.
    ///
    /// - Returns: What an operator should know about them.
    func make() throws(StoreError) -> [String] {
        if let facts = Self.facts(self.path) {
            guard facts.isRegular else {
                throw StoreError(.refused, "store sqlite:\(self.path): it is no regular file; name another one")
            }
            guard facts.permissions & 0o077 != 0 else { return [] }
            return ["others can read the store's file, which holds the arguments of jobs; mend it with: chmod 600"]
        }
        try self.makeFile()
        return []
    }

    private func makeDirectory(_ directory: String) throws(StoreError) {
        if let facts = Self.facts(directory) {
            guard !facts.isDirectory else { return }
            throw StoreError(.refused, "store sqlite:\(self.path): \(directory) is not a directory; name another one")
        }
        if let end = directory.lastIndex(of: "/"), end != directory.startIndex {
            try self.makeDirectory(String(directory[..<end]))
        }
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw self.failure("the directory \(directory) cannot be made")
        }
        Self.makeDurable(StoreFile(path: directory).directory)
    }

    /// Under another name first: the file itself may be in use by the time that ours is closed.
    private func makeFile() throws(StoreError) {
        let draft = "\(self.path)-new-\(getpid())-\(UInt32.random(in: .min ... .max))"
        let file = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw self.failure("the file cannot be made") }
        close(file)
        defer { unlink(draft) }
        guard link(draft, self.path) == 0 || errno == EEXIST else { throw self.failure("the file cannot be made") }
        Self.makeDurable(self.directory)
    }

    /// The names in a directory. SQLite does so for its log, but did not make the file. Some file systems cannot; nothing
    /// is lost on them but this.
    private static func makeDurable(_ directory: String) {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }

    private func failure(_ what: String) -> StoreError {
        let number = errno
        let text = String(cString: strerror(number))
        let code: StoreError.Code = number == ENOSPC || number == EDQUOT ? .full : .refused
        return StoreError(
            code,
            "store sqlite:\(self.path): \(what): \(text). Check that this user may write there and that there is room, or "
                + "name another place"
        )
    }

    struct Facts {
        let size: Int
        let permissions: UInt32
        let isRegular: Bool
        let isDirectory: Bool
        /// When the content was changed last, in seconds and nanoseconds.
        let changed: (Int, Int)
    }

    /// Nil if there is nothing.
    static func facts(_ path: String) -> Facts? {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        let kind = facts.st_mode & S_IFMT
        #if canImport(Darwin)
            let changed = facts.st_mtimespec
        #else
            let changed = facts.st_mtim
        #endif
        return Facts(
            size: Int(facts.st_size),
            permissions: UInt32(facts.st_mode & 0o777),
            isRegular: kind == S_IFREG,
            isDirectory: kind == S_IFDIR,
            changed: (Int(changed.tv_sec), Int(changed.tv_nsec))
        )
    }
}

/// A damaged file.
extension StoreFile {
    /// What became of a damaged file.
    enum Aside: Equatable {
        /// It was copied now, to this name.
        case copied(String)
        /// It was copied before, to this name, and nothing has changed since.
        case known(String)
        /// It does not begin as a database does, and was perhaps never one: it was left alone.
        case foreign
        /// It could not be copied.
        case failed
    }

    /// What every file of SQLite begins with.
    private static let magic = Array("SQLite format 3\0".utf8)
    private static let besides = ["-wal", "-shm"]

    /// Copies the file, its log and its shared memory aside, once: a service that is started again and again must not fill
    /// the disk. The original stays where it is, untouched, and nothing is made in its place: what can be saved is for a
    /// person to decide.
    ///
    /// - Parameter now: Seconds since 1970, for the name.
    func copyAside(now: Int) -> Aside {
        guard let isDatabase = Self.beginsLikeDatabase(self.path) else { return .failed }
        guard isDatabase else { return .foreign }
        if let copy = self.copyOfThis() { return .known(copy) }
        let copy = "\(self.path)-damaged-\(now)"
        // The file itself at the end: a copy of it says that all is there.
        let suffixes = Self.besides.filter { Self.facts(self.path + $0) != nil } + [""]
        for (index, suffix) in suffixes.enumerated() where !Self.copy(self.path + suffix, to: copy + suffix) {
            for made in suffixes[..<index] { unlink(copy + made) }
            return .failed
        }
        return .copied(copy)
    }

    /// The copy that was made after the last change, if there is one.
    private func copyOfThis() -> String? {
        guard let facts = Self.facts(self.path), let directory = opendir(self.directory) else { return nil }
        defer { closedir(directory) }
        let name = self.path.dropFirst(self.path.lastIndex(of: "/").map { self.path[...$0].count } ?? 0)
        while let entry = readdir(directory) {
            let found = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard found.hasPrefix("\(name)-damaged-"), !Self.besides.contains(where: found.hasSuffix) else { continue }
            let copy = "\(self.directory)/\(found)"
            guard let copied = Self.facts(copy), copied.isRegular, copied.size == facts.size else { continue }
            if copied.changed >= facts.changed { return copy }
        }
        return nil
    }

    /// Nil if it cannot be read.
    private static func beginsLikeDatabase(_ path: String) -> Bool? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var beginning = [UInt8](repeating: 0, count: Self.magic.count)
        return read(file, &beginning, beginning.count) == beginning.count && beginning == Self.magic
    }

    private static func copy(_ from: String, to: String) -> Bool {
        let source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard source >= 0 else { return false }
        defer { close(source) }
        let target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard target >= 0 else { return false }
        defer { close(target) }
        let size = 1 << 20
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(source, buffer, size)
            if count == 0 { return fsync(target) == 0 }
            guard count > 0, Self.write(buffer, count, to: target) else {
                unlink(to)  // half a copy would only mislead
                return false
            }
        }
    }

    private static func write(_ buffer: UnsafeMutableRawPointer, _ count: Int, to file: Int32) -> Bool {
        var written = 0
        while written < count {
            let more = systemWrite(file, buffer + written, count - written)
            guard more > 0 else { return false }
            written += more
        }
        return true
    }
}

/// The system's call, which `StoreFile.write` would hide.
private func systemWrite(_ file: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
    write(file, buffer, count)
}
