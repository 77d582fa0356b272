import HiredisNIO
import NIOCore

// Prints what the two decisions about hiredis rest on: commands are written faster without its formatter, and replies are
// read within a microsecond an element. Run it with `swift run -c release hiredis-bench`; nothing else should be running.

let argumentCount = 1_000
let argument = [UInt8](repeating: UInt8(ascii: "j"), count: 269)  // a job of Sidekiq's own benchmark
let rounds = 500

/// The best of five runs, in nanoseconds for each of `count` things done `rounds` times: the least disturbed one.
func nanoseconds(per count: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let best = (0..<5).map { _ in clock.measure { for _ in 0..<rounds { body() } } }.min() ?? .zero
    return best / .nanoseconds(1) / Double(rounds * count)
}

var total = 0

let direct = nanoseconds(per: argumentCount) {
    var command = RedisCommand("EVALSHA", capacity: 300_000)
    for _ in 0..<argumentCount { command.append(argument) }
    total &+= command.count
}

let grown = nanoseconds(per: argumentCount) {
    var command = RedisCommand("EVALSHA")
    for _ in 0..<argumentCount { command.append(argument) }
    total &+= command.count
}

let formatter = argument.withUnsafeBytes { bytes in
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    return nanoseconds(per: argumentCount) {
        var starts: [UnsafePointer<CChar>?] = []
        var lengths: [Int] = []
        for _ in 0..<argumentCount {
            starts.append(start)
            lengths.append(argument.count)
        }
        let buffer = ReferenceFormatter.format(&starts, &lengths) { ByteBuffer(bytes: $0) }
        total &+= buffer?.readableBytes ?? 0
    }
}

var reply = ByteBuffer(string: "*\(argumentCount)\r\n")
for _ in 0..<argumentCount { reply.writeString("$269\r\n\(String(decoding: argument, as: UTF8.self))\r\n") }
var reader = try ReplyReader()
let element = nanoseconds(per: argumentCount) {
    try? reader.feed(reply) { total &+= $0.array?.count ?? 0 }
}

let small = ByteBuffer(string: String(repeating: ":1\r\n", count: argumentCount))
let integer = nanoseconds(per: argumentCount) {
    try? reader.feed(small) { total &+= $0.integer ?? 0 }
}

func line(_ name: String, _ value: Double) {
    print(name, " ", Double(Int(value * 10)) / 10, " ns", separator: "")
}
print("\(argumentCount) arguments of \(argument.count) bytes; best of 5 (checksum \(total))")
line("write an argument, buffer sized ahead:", direct)
line("write an argument, buffer growing:    ", grown)
line("write an argument, hiredis' formatter:", formatter)
line("read an element of an array:          ", element)
line("read a reply of one integer:          ", integer)
print("ratio formatter / direct: \(Double(Int(formatter / grown * 100)) / 100)")
