internal import CHiredis
package import NIOCore

/// Reads RESP replies out of a byte stream by hiredis' `redisReader`. One per connection, used from one thread only.
///
/// This file and ReplyBuilder.swift are the only ones through which a connection meets C. The reader never builds
/// hiredis' own tree of replies: ``ReplyBuilder`` makes Swift values from its callbacks.
///
/// After the first error the stream has no meaning any more, and hiredis refuses to go on: every later call throws the
/// same error, and the connection has to be closed.
package struct ReplyReader: ~Copyable {
    /// The most bytes handed to hiredis at once. It moves what is left of its buffer after each reply: with 1 MiB in the
    /// buffer a small reply costs three times as much.
    package static let feedSize = 64 * 1_024

    /// The most bytes kept for one unfinished string. Redis refuses longer ones itself (`proto-max-bulk-len` 512 MiB),
    /// hiredis would wait for any length that a broken peer announces.
    package static let maximumUnparsedBytes = 512 * 1_024 * 1_024 + 2 * Self.feedSize

    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let builder: UnsafeMutablePointer<ReplyBuilder>
    private let maximumUnparsedBytes: Int
    private var failure: ProtocolViolation?

    /// - Parameter maximumUnparsedBytes: the longest unfinished string (or line) that is waited for.
    /// - Throws: ``ProtocolViolation`` when hiredis has no memory for a reader.
    package init(maximumUnparsedBytes: Int = Self.maximumUnparsedBytes) throws(ProtocolViolation) {
        let functions = ReplyBuilder.makeFunctions()
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw ProtocolViolation(reason: "no memory for a reader")
        }
        self.builder = .allocate(capacity: 1)
        self.builder.initialize(to: ReplyBuilder())
        self.reader = reader
        self.functions = functions
        self.maximumUnparsedBytes = maximumUnparsedBytes
        reader.pointee.privdata = UnsafeMutableRawPointer(self.builder)
    }

    deinit {
        redisReaderFree(self.reader)
        self.functions.deallocate()
        self.builder.deinitialize(count: 1)
        self.builder.deallocate()
    }

    /// Takes in `bytes` and hands each reply that they complete to `receive`, in order.
    ///
    /// - Throws: ``ProtocolViolation`` when the bytes are not RESP2; replies before the error have been received.
    package mutating func feed(_ bytes: ByteBuffer, receive: (RESPValue) -> Void) throws(ProtocolViolation) {
        if let failure = self.failure { throw failure }
        do throws(ProtocolViolation) {
            var rest = bytes
            while let piece = rest.readSlice(length: min(Self.feedSize, rest.readableBytes)), piece.readableBytes > 0 {
                try self.feed(piece: piece)
                while let value = try self.nextReply() { receive(value) }
                guard self.reader.pointee.len &- self.reader.pointee.pos <= self.maximumUnparsedBytes else {
                    throw ProtocolViolation(reason: "a string longer than \(self.maximumUnparsedBytes) bytes")
                }
            }
        } catch {
            self.failure = error
            throw error
        }
    }

    /// Whether a reply has begun to come and is not complete.
    package var isInsideReply: Bool {
        // The length of a string stays in the buffer until all of it is there; that of an array does not.
        self.reader.pointee.len > self.reader.pointee.pos || self.reader.pointee.ridx > 0
    }

    private func feed(piece: ByteBuffer) throws(ProtocolViolation) {
        let status = piece.withUnsafeReadableBytes { bytes in
            redisReaderFeed(self.reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw self.readerError() }
    }

    private func nextReply() throws(ProtocolViolation) -> RESPValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(self.reader, &reply) == REDIS_OK else { throw self.readerError() }
        guard reply != nil else { return nil }
        guard let value = self.builder.pointee.takeReply() else {
            // hiredis 1.x reads RESP3's types too, without asking our functions; nobody said HELLO 3.
            throw ProtocolViolation(reason: "a reply of a type that RESP2 does not have")
        }
        return value
    }

    private func readerError() -> ProtocolViolation {
        withUnsafeBytes(of: &self.reader.pointee.errstr) { text in
            // hiredis quotes at most one offending byte, so no payload gets into the message.
            ProtocolViolation(reason: String(decoding: text.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
}

/// The bytes from the peer were not RESP2.
package struct ProtocolViolation: Error, Equatable {
    /// What was wrong, without any of the payload.
    package var reason: String
}

/// Something else than Redis listens there, which only another URL mends.
extension ProtocolViolation: RedisConfigurationFault {}
