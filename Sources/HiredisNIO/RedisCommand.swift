public import NIOCore

/// A command on its way to Redis: its arguments are written in RESP, into one buffer, as they are appended.
///
/// ```swift
/// var command = RedisCommand("RPUSH", "queue:default")
/// command.append(job)   // [UInt8], String, Int, Double, ByteBuffer, any collection of bytes
/// ```
///
/// Straight into the buffer costs less than half of hiredis' formatter, which wants an array of C pointers, builds a
/// string of its own and is copied afterwards: `swift run -c release hiredis-bench` prints the ratio. The tests compare
/// every byte with what the formatter writes.
public struct RedisCommand: Sendable {
    /// The largest command: beyond it appends are dropped and sending throws ``RedisError/Code/commandTooLarge``.
    public static let maximumBytes = 1 << 30

    /// What errors and logs show of the command: its first argument, and for EVALSHA the script's name.
    public internal(set) var name: String
    /// How many arguments there are, the name included.
    public private(set) var count = 0
    /// The arguments in RESP, without the head that says how many.
    var arguments: ByteBuffer
    /// Whether an append was dropped because the command would have grown beyond ``maximumBytes``.
    private(set) var isTooLarge = false

    /// Begins a command.
    ///
    /// - Parameters:
    ///   - name: its first argument, such as `EVALSHA`.
    ///   - first: further arguments.
    ///   - capacity: bytes to make room for at once; a good guess spares copies when many arguments follow.
    public init(_ name: String, _ first: String..., capacity: Int = 128) {
        self.name = name
        self.arguments = ByteBufferAllocator().buffer(capacity: min(max(capacity, 0), Self.maximumBytes))
        self.append(name)
        for argument in first { self.append(argument) }
    }

    /// Appends an argument of any bytes.
    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { self.append(raw: $0) }
    }

    /// Appends an argument of any bytes.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        let appended: Void? = bytes.withContiguousStorageIfAvailable { self.append(raw: UnsafeRawBufferPointer($0)) }
        if appended == nil { self.append([UInt8](bytes)) }
    }

    /// Appends the readable bytes of a buffer as an argument.
    public mutating func append(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { self.append(raw: $0) }
    }

    /// Appends a text in UTF-8.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { self.append(raw: UnsafeRawBufferPointer($0)) }
    }

    /// Appends a text in UTF-8.
    public mutating func append(_ text: Substring) {
        var text = text
        text.withUTF8 { self.append(raw: UnsafeRawBufferPointer($0)) }
    }

    /// Appends a number in decimal digits.
    public mutating func append(_ number: Int) {
        withUnsafeTemporaryAllocation(byteCount: RESPDigits.maximumLength, alignment: 1) { scratch in
            let length = RESPDigits.write(number, to: scratch)
            self.append(raw: UnsafeRawBufferPointer(rebasing: scratch[..<length]))
        }
    }

    /// Appends a number in the shortest form that reads back as the same value.
    public mutating func append(_ number: Double) {
        self.append(number.description)
    }

    /// Appends each text as an argument of its own.
    public mutating func append(contentsOf texts: some Sequence<String>) {
        for text in texts { self.append(text) }
    }

    private mutating func append(raw bytes: UnsafeRawBufferPointer) {
        // `$`, a length, and two line ends.
        let needed = bytes.count + RESPDigits.maximumLength + 5
        guard bytes.count < Self.maximumBytes, self.arguments.writerIndex < Self.maximumBytes - needed else {
            self.isTooLarge = true
            return
        }
        self.arguments.writeWithUnsafeMutableBytes(minimumWritableBytes: needed) { target in
            RESPDigits.writeArgument(bytes, to: target)
        }
        self.count += 1
    }
}

extension RedisCommand {
    /// The head of the command, `*COUNT\r\n`.
    func writeHead(to buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: RESPDigits.maximumLength + 3) { target in
            RESPDigits.writeHead(UInt8(ascii: "*"), self.count, to: target)
        }
    }

    /// The whole command as it goes over the wire.
    package var encoded: ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: self.arguments.readableBytes + 16)
        self.writeHead(to: &buffer)
        buffer.writeImmutableBuffer(self.arguments)
        return buffer
    }
}

/// Shows the name and the size, never an argument: those are private, and a password may be among them.
extension RedisCommand: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Name, number of arguments and size.
    public var description: String { "\(self.name) (\(self.count) arguments, \(self.arguments.readableBytes) bytes)" }
    /// The same as ``description``.
    public var debugDescription: String { self.description }
    /// Name and number of arguments only.
    public var customMirror: Mirror { Mirror(self, children: ["name": self.name, "count": self.count]) }
}
