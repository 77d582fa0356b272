import HiredisNIO
import NIOCore

/// A small generator with a seed, so that a failing case can be run again.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Values of every type and shape, and their bytes as a server would send them.
enum RandomReply {
    static func make(depth: Int, using generator: inout SplitMix64) -> RESPValue {
        switch Int.random(in: 0..<(depth < 7 ? 7 : 5), using: &generator) {
        case 0: .simpleString("s\(Int.random(in: 0...99, using: &generator))")
        case 1: .integer(Int.random(in: .min ... .max, using: &generator))
        case 2: .null
        case 3: .error(RedisServerError("ERR e\(Int.random(in: 0...99, using: &generator))"))
        case 4:
            .bulkString(
                (0..<Int.random(in: 0...300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                }
            )
        default:
            .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in Self.make(depth: depth + 1, using: &generator)
                }
            )
        }
    }

    static func write(_ value: RESPValue, to buffer: inout ByteBuffer) {
        switch value {
        case .simpleString(let text): buffer.writeString("+\(text)\r\n")
        case .integer(let number): buffer.writeString(":\(number)\r\n")
        case .null: buffer.writeString("$-1\r\n")
        case .error(let error): buffer.writeString("-\(error.message)\r\n")
        case .bulkString(let bytes):
            buffer.writeString("$\(bytes.count)\r\n")
            buffer.writeBytes(bytes)
            buffer.writeString("\r\n")
        case .array(let elements):
            buffer.writeString("*\(elements.count)\r\n")
            for element in elements { Self.write(element, to: &buffer) }
        }
    }
}
