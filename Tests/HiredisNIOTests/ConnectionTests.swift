import NIOCore
import NIOEmbedded
import Testing

@testable import HiredisNIO

/// A connection whose peer and whose clock are the test's own.
private struct Rig {
    let channel: NIOAsyncTestingChannel
    let connection: RedisConnection

    init(onUnwritten: @escaping @Sendable ([Request], RedisError) -> Void = { _, _ in }) async throws {
        let channel = NIOAsyncTestingChannel()
        let link = try await channel.testingEventLoop.submit {
            let handler = try RedisChannelHandler(
                endpoint: "test",
                eventLoop: channel.eventLoop,
                onUnwritten: onUnwritten
            )
            try channel.pipeline.syncOperations.addHandler(handler)
            return RedisLink(channel: channel, handler: handler)
        }.get()
        try await channel.connect(to: try SocketAddress(unixDomainSocketPath: "/test")).get()
        let configuration = RedisConfiguration(endpoint: .unixSocket(path: "/test"))
        self.channel = channel
        self.connection = RedisConnection(configuration: configuration, link: link, clientID: nil)
    }

    /// Sends a command and returns when it has been written.
    func ask(_ text: String, timeout: Duration = .seconds(3)) async throws -> Task<RESPValue, any Error> {
        let connection = self.connection
        let task = Task { try await connection.send(RedisCommand("ECHO", text), timeout: timeout) }
        _ = try await self.channel.waitForOutboundWrite(as: ByteBuffer.self)
        return task
    }

    func answer(_ text: String) async throws {
        try await self.channel.writeInbound(ByteBuffer(string: text))
    }
}

@Suite("A connection", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("replies go to the callers in the order of their commands")
    func order() async throws {
        let rig = try await Rig()
        let first = try await rig.ask("1")
        let second = try await rig.ask("2")
        try await rig.answer(":1\r\n:")
        #expect(try await first.value == .integer(1))
        try await rig.answer("2\r\n")
        #expect(try await second.value == .integer(2))
    }

    @Test("at the deadline the caller gets a timeout, the others a lost connection, and the channel closes")
    func timeout() async throws {
        let rig = try await Rig()
        let slow = try await rig.ask("slow", timeout: .seconds(1))
        let patient = try await rig.ask("patient", timeout: .seconds(10))
        await rig.channel.testingEventLoop.advanceTime(by: .milliseconds(999))
        #expect(rig.connection.isOpen)
        await rig.channel.testingEventLoop.advanceTime(by: .milliseconds(1))
        let timeout = await #expect(throws: RedisError.self) { try await slow.value }
        #expect(timeout?.code == .timeout)
        #expect(timeout?.mayHaveRun == true)
        #expect(timeout?.command == "ECHO")
        let lost = await #expect(throws: RedisError.self) { try await patient.value }
        #expect(lost?.code == .connectionLost)
        #expect(lost?.mayHaveRun == true)
        #expect(!rig.connection.isOpen)
        await rig.connection.untilClosed()
    }

    @Test("a long reply is waited for as long as more of it comes")
    func longReply() async throws {
        let rig = try await Rig()
        let task = try await rig.ask("long", timeout: .seconds(1))
        try await rig.answer("$8\r\n")
        for digit in 0..<8 {
            await rig.channel.testingEventLoop.advanceTime(by: .seconds(2))
            try await rig.answer("\(digit)")
        }
        try await rig.answer("\r\n")
        #expect(try await task.value.string == "01234567")
    }

    @Test("a long reply of which nothing more comes is overdue")
    func endlessReply() async throws {
        let rig = try await Rig()
        let task = try await rig.ask("long", timeout: .seconds(1))
        try await rig.answer("$8\r\n0123")
        await rig.channel.testingEventLoop.advanceTime(by: .seconds(1))
        #expect(rig.connection.isOpen)
        await rig.channel.testingEventLoop.advanceTime(by: .seconds(3))
        let error = await #expect(throws: RedisError.self) { try await task.value }
        #expect(error?.code == .timeout)
        await rig.connection.untilClosed()
    }

    @Test("a shorter deadline after a longer one is kept")
    func shorterDeadline() async throws {
        let rig = try await Rig()
        let long = try await rig.ask("long", timeout: .seconds(10))
        let short = try await rig.ask("short", timeout: .seconds(1))
        await rig.channel.testingEventLoop.advanceTime(by: .seconds(1))
        let error = await #expect(throws: RedisError.self) { try await short.value }
        #expect(error?.code == .timeout)
        await #expect(throws: RedisError.self) { try await long.value }
    }

    @Test("a command that was answered in time leaves no timer that ends a later one")
    func answeredInTime() async throws {
        let rig = try await Rig()
        let first = try await rig.ask("1", timeout: .seconds(1))
        try await rig.answer("+one\r\n")
        #expect(try await first.value == .simpleString("one"))
        await rig.channel.testingEventLoop.advanceTime(by: .milliseconds(900))
        let second = try await rig.ask("2", timeout: .seconds(1))
        await rig.channel.testingEventLoop.advanceTime(by: .milliseconds(900))
        try await rig.answer("+two\r\n")
        #expect(try await second.value == .simpleString("two"))
    }

    @Test("a cancelled caller gets its reply all the same")
    func cancelled() async throws {
        let rig = try await Rig()
        let task = try await rig.ask("1")
        task.cancel()
        try await rig.answer("+one\r\n")
        #expect(try await task.value == .simpleString("one"))
    }

    @Test("what is not RESP closes the channel and fails everybody")
    func violation() async throws {
        let rig = try await Rig()
        let first = try await rig.ask("1")
        let second = try await rig.ask("2")
        try await rig.answer("+one\r\n<html>\r\n+two\r\n")
        #expect(try await first.value == .simpleString("one"))
        let error = await #expect(throws: RedisError.self) { try await second.value }
        #expect(error?.code == .protocolViolation)
        await rig.connection.untilClosed()
        #expect(rig.connection.closeReason?.code == .protocolViolation)
    }

    @Test("a reply that nobody asked for closes the channel")
    func unexpectedReply() async throws {
        let rig = try await Rig()
        try await rig.answer("-ERR max number of clients reached\r\n")
        await rig.connection.untilClosed()
        #expect(rig.connection.closeReason?.message == "ERR max number of clients reached")
        #expect(rig.connection.closeReason?.kind == .transient)
        let error = await #expect(throws: RedisError.self) { try await rig.connection.send("PING") }
        #expect(error?.mayHaveRun == false)
    }

    @Test("a replica is left when everybody has a reply")
    func replica() async throws {
        let rig = try await Rig()
        let first = try await rig.ask("1")
        let second = try await rig.ask("2")
        try await rig.answer("-READONLY You can't write against a read only replica.\r\n")
        let error = await #expect(throws: RedisError.self) { try await first.value }
        #expect(error?.serverError?.code == "READONLY")
        #expect(!rig.connection.isOpen)
        try await rig.answer("+two\r\n")
        #expect(try await second.value == .simpleString("two"))
        await rig.connection.untilClosed()
    }

    @Test("a batch with a large command in it is written in order")
    func largeBatch() async throws {
        let rig = try await Rig()
        let large = String(repeating: "x", count: 100_000)
        let connection = rig.connection
        let task = Task {
            try await connection.send(batch: [
                RedisCommand("ECHO", "a"), RedisCommand("ECHO", large), RedisCommand("ECHO", "b"),
            ])
        }
        var written = try await rig.channel.waitForOutboundWrite(as: ByteBuffer.self)
        while let more = try await rig.channel.readOutbound(as: ByteBuffer.self) { written.writeImmutableBuffer(more) }
        let head = "*2\r\n$4\r\nECHO\r\n"
        #expect(String(buffer: written) == "\(head)$1\r\na\r\n\(head)$100000\r\n\(large)\r\n\(head)$1\r\nb\r\n")
        try await rig.answer(":1\r\n:2\r\n:3\r\n")
        #expect(try await task.value == [.integer(1), .integer(2), .integer(3)])
    }
}
