import NIOCore
import Testing

@testable import HiredisNIO

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Writing commands")
struct CommandTests {
    @Test("arguments of every type are written as bulk strings")
    func types() {
        var command = RedisCommand("SET", "ä")
        command.append([1, 2])
        command.append(-15)
        command.append(Int.min)
        command.append(0)
        command.append(1.5)
        command.append("sub"[...])
        command.append(ByteBuffer(string: "nio"))
        command.append([UInt8]([9])[...])
        command.append("")
        #expect(command.count == 11)
        let text =
            "*11\r\n$3\r\nSET\r\n$2\r\nä\r\n$2\r\n\u{1}\u{2}\r\n$3\r\n-15\r\n$20\r\n-9223372036854775808\r\n$1\r\n0\r\n"
            + "$3\r\n1.5\r\n$3\r\nsub\r\n$3\r\nnio\r\n$1\r\n\u{9}\r\n$0\r\n\r\n"
        #expect(String(buffer: command.encoded) == text)
    }

    @Test("a command shows its name and size, and none of its arguments")
    func description() {
        let command = RedisCommand("AUTH", "sesame")
        var dumped = ""
        dump(command, to: &dumped)
        for text in [command.description, String(reflecting: command), dumped] {
            #expect(text.contains("AUTH"))
            #expect(!text.contains("sesame"))
        }
    }

    @Test("the bytes are those of hiredis' own formatter", arguments: [1, 2, 3] as [UInt64])
    func sameAsFormatter(seed: UInt64) {
        var generator = SplitMix64(state: seed)
        for _ in 0..<100 {
            let arguments = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                (0..<Int.random(in: 0...120, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                }
            }
            var command = RedisCommand("PING")
            for argument in arguments { command.append(argument) }
            #expect([UInt8](buffer: command.encoded) == ReferenceFormatter.format([Array("PING".utf8)] + arguments))
        }
    }

    @Test("a command beyond the largest size is refused, not trapped on")
    func tooLarge() throws {
        // Address space only: no byte of it is ever touched.
        let size = RedisCommand.maximumBytes
        let memory = try #require(mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))
        defer { munmap(memory, size) }
        var command = RedisCommand("SET", "key")
        command.append(UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: size))
        #expect(command.isTooLarge)
        #expect(command.count == 2)
    }
}
