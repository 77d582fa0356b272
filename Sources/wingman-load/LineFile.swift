#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that many processes append lines to, none of which is ever torn or interleaved.
struct LineFile {
    let path: String

    /// Appends `line` and a newline by one write(2) to a descriptor opened with O_APPEND.
    func append(_ line: String) throws {
        let descriptor = open(self.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LineFileError(path: self.path, code: errno) }
        defer { close(descriptor) }
        let bytes = Array((line + "\n").utf8)
        var written = write(descriptor, bytes, bytes.count)
        while written < 0 && errno == EINTR { written = write(descriptor, bytes, bytes.count) }
        // A short write cannot be mended by a second one without tearing the line: it is an error.
        guard written == bytes.count else { throw LineFileError(path: self.path, code: written < 0 ? errno : ENOSPC) }
    }
}

/// Why a line could not be appended.
struct LineFileError: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String { "cannot append to \(self.path): \(String(cString: strerror(self.code)))" }
}
