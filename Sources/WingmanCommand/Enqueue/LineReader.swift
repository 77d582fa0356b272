#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The lines of a file descriptor, read as they are asked for.
///
/// Reading blocks the thread that asks. That is all right in a command that does nothing else meanwhile; it must not be
/// used in server mode.
struct LineReader {
    struct Line: Equatable {
        /// From 1.
        let number: Int
        /// Without its line break. Bytes that are not UTF-8 become U+FFFD.
        let text: String
    }

    /// The number of the last line given out.
    private(set) var number = 0
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// What of the buffer was given out already.
    private var start = 0
    private var isAtEnd = false

    private static let portion = 1 << 16

    /// The lines of the standard input.
    init(descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
    }

    /// The next line; nil at the end.
    ///
    /// - Throws: ``ExitStatus`` if the input cannot be read: a broken input must not look like a short one.
    mutating func next() throws(ExitStatus) -> Line? {
        var searched = self.start
        while true {
            if let end = self.lineBreak(from: searched) {
                return self.take(upTo: end)
            }
            if self.isAtEnd {
                return self.start < self.buffer.count ? self.take(upTo: self.buffer.count) : nil
            }
            self.buffer.removeFirst(self.start)
            self.start = 0
            searched = self.buffer.count
            try self.fill()
        }
    }

    /// Where the next line break is. memchr finds it many times faster than a loop where nothing is optimised.
    private func lineBreak(from start: Int) -> Int? {
        self.buffer.withUnsafeBytes { bytes in
            guard start < bytes.count, let base = bytes.baseAddress else { return nil }
            let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
            return found.map { UnsafeRawPointer($0) - base }
        }
    }

    private mutating func take(upTo end: Int) -> Line {
        var line = self.buffer[self.start..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        self.start = min(end + 1, self.buffer.count)
        self.number += 1
        return Line(number: self.number, text: String(decoding: line, as: UTF8.self))
    }

    private mutating func fill() throws(ExitStatus) {
        let old = self.buffer.count
        self.buffer.append(contentsOf: repeatElement(0, count: Self.portion))
        var count = -1
        repeat {
            count = self.buffer.withUnsafeMutableBytes { bytes in
                read(self.descriptor, bytes.baseAddress?.advanced(by: old), Self.portion)
            }
        } while count < 0 && errno == EINTR
        let code = errno
        self.buffer.removeLast(Self.portion - max(count, 0))
        guard count >= 0 else {
            throw ExitStatus(
                code: ExitStatus.failure,
                message:
                    "the standard input cannot be read after line \(self.number): \(String(cString: strerror(code)))"
            )
        }
        self.isAtEnd = count == 0
    }
}
