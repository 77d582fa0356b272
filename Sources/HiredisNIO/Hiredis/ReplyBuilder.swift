internal import CHiredis

/// Builds Swift values from the callbacks of hiredis' reader.
///
/// The reader walks a reply depth first and calls back once for each element, so a stack of unfinished arrays is enough:
/// the object pointers that it passes round are never looked at. hiredis takes a NULL for "no memory", therefore each
/// callback answers with ``token``, also for nil.
///
/// It is a value in memory of the reader's own, found through the reader's `privdata`: an object's fields would be guarded
/// against overlapping access at every element.
struct ReplyBuilder {
    private struct Frame {
        var elements: [RESPValue]
        var missing: Int
    }

    /// An announced length is the peer's word only: no more than this is reserved for it.
    private static let maximumReservation = 64

    private var outer: [Frame] = []
    private var current: Frame?
    private var reply: RESPValue?

    /// The finished reply, once. Nil when the reader announced a reply that the callbacks never saw in full.
    mutating func takeReply() -> RESPValue? {
        defer {
            self.reply = nil
            self.current = nil
            self.outer.removeAll(keepingCapacity: true)
        }
        return self.current == nil ? self.reply : nil
    }

    fileprivate mutating func add(_ value: RESPValue) {
        guard self.current != nil else {
            self.reply = value
            return
        }
        self.current?.elements.append(value)
        self.current?.missing -= 1
        self.closeFinishedArrays()
    }

    fileprivate mutating func openArray(count: Int) {
        guard count > 0 else { return self.add(.array([])) }
        if let current = self.current.take() { self.outer.append(current) }
        var frame = Frame(elements: [], missing: count)
        frame.elements.reserveCapacity(min(count, Self.maximumReservation))
        self.current = frame
    }

    private mutating func closeFinishedArrays() {
        while self.current?.missing == 0, let frame = self.current.take() {
            self.current = self.outer.popLast()
            if self.current == nil {
                self.reply = .array(frame.elements)
            } else {
                self.current?.elements.append(.array(frame.elements))
                self.current?.missing -= 1
            }
        }
    }
}

extension ReplyBuilder {
    /// The table of callbacks; the caller deallocates it after the reader that uses it.
    static func makeFunctions() -> UnsafeMutablePointer<redisReplyObjectFunctions> {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        var table = redisReplyObjectFunctions()
        table.createString = createString
        table.createArray = createArray
        table.createInteger = createInteger
        table.createNil = createNil
        table.freeObject = freeObject
        functions.initialize(to: table)
        return functions
    }

    /// What every callback returns: not NULL, and never dereferenced.
    fileprivate static var token: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

    /// The reader copies its privdata into each task; ReplyReader has set it to the builder, which lives as long.
    fileprivate static func of(_ task: UnsafePointer<redisReadTask>?) -> UnsafeMutablePointer<ReplyBuilder>? {
        task?.pointee.privdata?.assumingMemoryBound(to: ReplyBuilder.self)
    }
}

@c(wingman_reply_create_string)
private func createString(
    _ task: UnsafePointer<redisReadTask>?,
    _ text: UnsafeMutablePointer<CChar>?,
    _ length: Int
) -> UnsafeMutableRawPointer? {
    guard let builder = ReplyBuilder.of(task) else { return nil }
    let bytes = UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length)
    switch task?.pointee.type {
    case REDIS_REPLY_ERROR: builder.pointee.add(.error(RedisServerError(String(decoding: bytes, as: UTF8.self))))
    case REDIS_REPLY_STATUS: builder.pointee.add(.simpleString(String(decoding: bytes, as: UTF8.self)))
    default: builder.pointee.add(.bulkString([UInt8](bytes)))
    }
    return ReplyBuilder.token
}

@c(wingman_reply_create_array)
private func createArray(
    _ task: UnsafePointer<redisReadTask>?,
    _ count: wingman_array_length
) -> UnsafeMutableRawPointer? {
    guard let builder = ReplyBuilder.of(task) else { return nil }
    builder.pointee.openArray(count: Int(clamping: count))
    return ReplyBuilder.token
}

@c(wingman_reply_create_integer)
private func createInteger(_ task: UnsafePointer<redisReadTask>?, _ value: Int64) -> UnsafeMutableRawPointer? {
    guard let builder = ReplyBuilder.of(task) else { return nil }
    builder.pointee.add(.integer(Int(value)))
    return ReplyBuilder.token
}

@c(wingman_reply_create_nil)
private func createNil(_ task: UnsafePointer<redisReadTask>?) -> UnsafeMutableRawPointer? {
    guard let builder = ReplyBuilder.of(task) else { return nil }
    builder.pointee.add(.null)
    return ReplyBuilder.token
}

@c(wingman_reply_free_object)
private func freeObject(_ object: UnsafeMutableRawPointer?) {}
