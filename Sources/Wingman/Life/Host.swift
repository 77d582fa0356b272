#if canImport(Glibc)
    import Glibc
#endif

/// What the machine says of itself and of this process.
enum Host {
    /// `$DYNO` or the host name, as Sidekiq does.
    static let name: String = {
        if let dyno = getenv("DYNO") { return String(cString: dyno) }
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// The process number.
    static var processNumber: Int { Int(getpid()) }

    /// Ends the process at once, without running anything more.
    static func exitNow(status: Int32) { _exit(status) }

    /// Writes a text and a line end to standard error.
    static func printError(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Resident memory of this process in KiB, 0 where the system does not tell (`VmRSS` of /proc/self/status).
    static func residentKiB() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * (Int(sysconf(Int32(_SC_PAGESIZE))) / 1_024)
    }
}
