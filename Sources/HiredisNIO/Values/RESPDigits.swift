/// Writes the small parts of RESP into raw memory. The caller gives room for ``maximumLength`` digits, and for the rest
/// that a function names; each returns the number of bytes written.
enum RESPDigits {
    /// The longest number: 19 digits and a sign.
    static let maximumLength = 20

    private static let zero = UInt8(ascii: "0")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")

    /// The decimal digits of `number`, with a sign if it is negative.
    static func write(_ number: Int, to target: UnsafeMutableRawBufferPointer) -> Int {
        guard number < 0 else { return self.write(number.magnitude, to: target, at: 0) }
        target[0] = UInt8(ascii: "-")
        return self.write(number.magnitude, to: target, at: 1)
    }

    /// A type's mark, a number and a line end.
    static func writeHead(_ mark: UInt8, _ number: Int, to target: UnsafeMutableRawBufferPointer) -> Int {
        target[0] = mark
        let end = self.write(number.magnitude, to: target, at: 1)
        target[end] = self.carriageReturn
        target[end + 1] = self.lineFeed
        return end + 2
    }

    /// `$LENGTH\r\nBYTES\r\n`.
    static func writeArgument(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) -> Int {
        let start = self.writeHead(UInt8(ascii: "$"), bytes.count, to: target)
        let end = start + bytes.count
        UnsafeMutableRawBufferPointer(rebasing: target[start..<end]).copyMemory(from: bytes)
        target[end] = self.carriageReturn
        target[end + 1] = self.lineFeed
        return end + 2
    }

    private static func write(_ number: UInt, to target: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        var length = 1
        var rest = number
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = number
        for index in stride(from: start + length - 1, through: start, by: -1) {
            target[index] = self.zero + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return start + length
    }
}
