/// Where a value lies in a payload: 8 bytes instead of 16, since a payload has some twenty of these.
struct ByteRange: Hashable, Sendable {
    private var start: UInt32 = 0
    private var end: UInt32 = 0

    init() {}

    /// Both bounds are below `JSONScanner.maximumSize`, which fits.
    init(_ range: Range<Int>) {
        self.start = UInt32(truncatingIfNeeded: range.lowerBound)
        self.end = UInt32(truncatingIfNeeded: range.upperBound)
    }

    /// Nil where the payload has no such member.
    var range: Range<Int>? { self.start < self.end ? Int(self.start)..<Int(self.end) : nil }
}

/// Where the members that Wingman itself reads lie in one payload. Every other member is only kept.
struct PayloadFields: Hashable, Sendable {
    var arguments = ByteRange()
    var backtrace = ByteRange()
    var batchID = ByteRange()
    var className = ByteRange()
    var createdAt = ByteRange()
    var dead = ByteRange()
    var displayClass = ByteRange()
    var due = ByteRange()
    var enqueuedAt = ByteRange()
    var failedAt = ByteRange()
    var jobID = ByteRange()
    var queue = ByteRange()
    var retriedAt = ByteRange()
    var retry = ByteRange()
    var retryCount = ByteRange()
    var retryFor = ByteRange()
    var retryQueue = ByteRange()
    var tags = ByteRange()
    var timeout = ByteRange()
    var wrapped = ByteRange()

    /// Takes note of a member if it is one of these. A later member of the same name wins, as in Ruby.
    mutating func note(_ key: UnsafeBufferPointer<UInt8>, at value: Range<Int>) {
        switch key.count {
        case 2: if key.spells("at") { self.due = ByteRange(value) }
        case 3:
            if key.spells("jid") { self.jobID = ByteRange(value) }
            if key.spells("bid") { self.batchID = ByteRange(value) }
        case 4:
            if key.spells("args") { self.arguments = ByteRange(value) }
            if key.spells("dead") { self.dead = ByteRange(value) }
            if key.spells("tags") { self.tags = ByteRange(value) }
        case 5:
            if key.spells("class") { self.className = ByteRange(value) }
            if key.spells("queue") { self.queue = ByteRange(value) }
            if key.spells("retry") { self.retry = ByteRange(value) }
        case 7:
            if key.spells("wrapped") { self.wrapped = ByteRange(value) }
            if key.spells("timeout") { self.timeout = ByteRange(value) }
        case 9:
            if key.spells("failed_at") { self.failedAt = ByteRange(value) }
            if key.spells("backtrace") { self.backtrace = ByteRange(value) }
            if key.spells("retry_for") { self.retryFor = ByteRange(value) }
        case 10:
            if key.spells("created_at") { self.createdAt = ByteRange(value) }
            if key.spells("retried_at") { self.retriedAt = ByteRange(value) }
        case 11:
            if key.spells("enqueued_at") { self.enqueuedAt = ByteRange(value) }
            if key.spells("retry_count") { self.retryCount = ByteRange(value) }
            if key.spells("retry_queue") { self.retryQueue = ByteRange(value) }
        case 13: if key.spells("display_class") { self.displayClass = ByteRange(value) }
        default: break
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the bytes are those of `name`, whose length was compared before.
    fileprivate func spells(_ name: StaticString) -> Bool {
        for index in self.indices where self[index] != name.utf8Start[index] { return false }
        return true
    }
}
