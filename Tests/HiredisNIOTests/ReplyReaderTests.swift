import NIOCore
import Testing

@testable import HiredisNIO

@Suite("Reading replies by hiredis")
struct ReplyReaderTests {
    private static let table: [(text: String, value: RESPValue)] = [
        ("+OK\r\n", .simpleString("OK")),
        ("+\r\n", .simpleString("")),
        (":0\r\n", .integer(0)),
        (":-9223372036854775808\r\n", .integer(.min)),
        (":9223372036854775807\r\n", .integer(.max)),
        ("$0\r\n\r\n", .bulkString([])),
        ("$5\r\na\r\nbc\r\n", .bulkString(Array("a\r\nbc".utf8))),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n$-1\r\n:7\r\n", .array([.null, .integer(7)])),
        ("-ERR no\r\n", .error(RedisServerError("ERR no"))),
        ("*2\r\n-WRONGTYPE x\r\n+y\r\n", .array([.error(RedisServerError("WRONGTYPE x")), .simpleString("y")])),
        ("*3\r\n*0\r\n*1\r\n*1\r\n:1\r\n*0\r\n", .array([.array([]), .array([.array([.integer(1)])]), .array([])])),
        ("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n", nested(8)),
    ]

    private static func nested(_ depth: Int) -> RESPValue {
        (1..<depth).reduce(.array([])) { inner, _ in .array([inner]) }
    }

    private static func read(_ pieces: [String]) throws -> [RESPValue] {
        var reader = try ReplyReader()
        var values: [RESPValue] = []
        for piece in pieces { try reader.feed(ByteBuffer(string: piece)) { values.append($0) } }
        return values
    }

    @Test("every type is read", arguments: table.indices)
    func types(index: Int) throws {
        let (text, value) = Self.table[index]
        #expect(try Self.read([text]) == [value])
    }

    @Test("replies may be split at any byte, and follow each other in one piece")
    func splitting() throws {
        let stream = Array(Self.table.map(\.text).joined().utf8)
        let expected = Self.table.map(\.value)
        for split in 0...stream.count {
            var reader = try ReplyReader()
            var values: [RESPValue] = []
            try reader.feed(ByteBuffer(bytes: stream[..<split])) { values.append($0) }
            try reader.feed(ByteBuffer(bytes: stream[split...])) { values.append($0) }
            #expect(values == expected)
        }
        var reader = try ReplyReader()
        var values: [RESPValue] = []
        for byte in stream { try reader.feed(ByteBuffer(bytes: [byte])) { values.append($0) } }
        #expect(values == expected)
    }

    @Test("bytes that are not UTF-8 arrive unchanged")
    func anyBytes() throws {
        let bytes = [UInt8](0...255)
        var reader = try ReplyReader()
        var values: [RESPValue] = []
        var buffer = ByteBuffer(string: "$256\r\n")
        buffer.writeBytes(bytes)
        buffer.writeString("\r\n")
        try reader.feed(buffer) { values.append($0) }
        #expect(values == [.bulkString(bytes)])
    }

    @Test(
        "what is not RESP2 ends the reader for good",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n", "\u{16}\u{3}\u{1}", "*x\r\n", "$-2\r\n", ":1a\r\n", "*1\r\n!\r\n",
            "*4294967296\r\n", "*-7\r\n", "$99999999999999999999999999\r\n",
            String(repeating: "*1\r\n", count: 9) + ":1\r\n",
        ]
    )
    func violations(text: String) throws {
        var reader = try ReplyReader()
        var values: [RESPValue] = []
        let first = #expect(throws: ProtocolViolation.self) {
            try reader.feed(ByteBuffer(string: "+before\r\n" + text)) { values.append($0) }
        }
        #expect(first?.reason.isEmpty == false)
        #expect(values == [.simpleString("before")])
        let second = #expect(throws: ProtocolViolation.self) {
            try reader.feed(ByteBuffer(string: "+OK\r\n")) { values.append($0) }
        }
        #expect(second == first)
        #expect(values.count == 1)
    }

    @Test("an announced length reserves nothing", arguments: ["*2147483647\r\n", "$536870912\r\n"])
    func announcedLength(text: String) throws {
        var reader = try ReplyReader()
        var count = 0
        for _ in 0..<7 { try reader.feed(ByteBuffer(string: "*2147483647\r\n")) { _ in count += 1 } }
        try reader.feed(ByteBuffer(string: text)) { _ in count += 1 }
        #expect(count == 0)
    }

    @Test("a string that never ends is given up")
    func endlessString() throws {
        var reader = try ReplyReader(maximumUnparsedBytes: 100_000)
        let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 50_000)
        try reader.feed(ByteBuffer(string: "$9223372036854775807\r\n")) { _ in }
        try reader.feed(piece) { _ in }
        #expect(throws: ProtocolViolation(reason: "a string longer than 100000 bytes")) {
            try reader.feed(piece) { _ in }
            try reader.feed(piece) { _ in }
        }
    }

    @Test("a megabyte of replies in one piece, and one reply of several megabytes, are read whole")
    func largeFeeds() throws {
        let bytes = [UInt8](repeating: 7, count: 5_000_000)
        var buffer = ByteBuffer()
        for number in 0..<150_000 { buffer.writeString(":\(number)\r\n") }
        buffer.writeString("*2\r\n$\(bytes.count)\r\n")
        buffer.writeBytes(bytes)
        buffer.writeString("\r\n+end\r\n")
        var reader = try ReplyReader()
        var values: [RESPValue] = []
        try reader.feed(buffer) { values.append($0) }
        #expect(values.count == 150_001)
        #expect(values.prefix(150_000).elementsEqual((0..<150_000).map { .integer($0) }))
        #expect(values.last == .array([.bulkString(bytes), .simpleString("end")]))
    }

    @Test("a seeded crowd of random values is read back", arguments: [1, 2, 3, 4] as [UInt64])
    func randomValues(seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        let values = (0..<300).map { _ in RandomReply.make(depth: 0, using: &generator) }
        var buffer = ByteBuffer()
        for value in values { RandomReply.write(value, to: &buffer) }
        var reader = try ReplyReader()
        var read: [RESPValue] = []
        while let piece = buffer.readSlice(
            length: min(buffer.readableBytes, Int.random(in: 1...700, using: &generator))
        ),
            piece.readableBytes > 0
        {
            try reader.feed(piece) { read.append($0) }
        }
        #expect(read == values)
    }
}
