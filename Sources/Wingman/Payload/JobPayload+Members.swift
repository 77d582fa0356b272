/// Reading the members. Each is decoded when asked for; none throws or traps, whatever a foreign client wrote there.
extension JobPayload {
    /// The name of the job's class, by which the registry finds its type.
    public var className: String { self.string(self.fields.className) ?? "" }

    /// The job's identifier, kept across retries. Foreign clients may have left it out.
    public var jobID: String? { self.string(self.fields.jobID) }

    /// The queue the job says it belongs to; the queue it was taken from is known better by the store.
    public var queue: String? { self.string(self.fields.queue) }

    /// The array of positional arguments, as JSON text.
    public var arguments: ArraySlice<UInt8> { self.text(self.fields.arguments) ?? [] }

    /// The class inside, where `class` only names a wrapper (Active Job).
    public var wrappedClassName: String? { self.string(self.fields.wrapped) }

    /// What people should see as the class.
    public var displayClassName: String? { self.string(self.fields.displayClass) }

    /// The batch the job belongs to.
    public var batchID: String? { self.string(self.fields.batchID) }

    /// The queue for retries, where it is not the job's own.
    public var retryQueue: String? { self.string(self.fields.retryQueue) }

    /// Labels. Entries that are not strings are left out.
    public var tags: [String] { self.fields.tags.range.map { self.strings(in: $0) } ?? [] }

    /// When the job was first made.
    public var createdAt: SidekiqTime? { self.time(self.fields.createdAt) }

    /// When the job was last put on a queue.
    public var enqueuedAt: SidekiqTime? { self.time(self.fields.enqueuedAt) }

    /// When the job failed first.
    public var failedAt: SidekiqTime? { self.time(self.fields.failedAt) }

    /// When the job failed last, the first time apart.
    public var retriedAt: SidekiqTime? { self.time(self.fields.retriedAt) }

    /// When the job shall run, in a payload on its way to the schedule; stored ones have it as their score.
    public var due: SidekiqTime? { self.time(self.fields.due) }

    /// How many times the job was tried again: nil before the first failure, then 0, 1, …
    ///
    /// Held within a billion either way, so that adding to it is safe.
    public var retryCount: Int? { self.integer(self.fields.retryCount) }

    /// What the job says of retries; nil when it leaves that to its class.
    public var retry: Retry? {
        switch self.kind(self.fields.retry) {
        case nil, .null: nil
        case .boolean: self.isTrue(self.fields.retry) ? .enabled : .disabled
        // Ruby counts with integers only, and takes anything else that is not false for true.
        default: self.integer(self.fields.retry).map { .limited(max($0, 0)) } ?? .enabled
        }
    }

    /// How long after the first failure retries go on, when time and not a count ends them.
    public var retryFor: Duration? { self.duration(self.fields.retryFor) }

    /// How long one run may take. Wingman's own member, in seconds.
    public var timeout: Duration? { self.duration(self.fields.timeout) }

    /// Whether the job goes to the dead set when its retries are used up.
    public var goesToDeadSet: Bool { self.kind(self.fields.dead) != .boolean || self.isTrue(self.fields.dead) }

    /// How much of an error's backtrace the job wants to keep.
    public var backtrace: Backtrace {
        switch self.kind(self.fields.backtrace) {
        case nil, .null: .none
        case .boolean: self.isTrue(self.fields.backtrace) ? .all : .none
        default: self.integer(self.fields.backtrace).map { .lines(max($0, 0)) } ?? .all
        }
    }

    /// What the member `retry` says.
    public enum Retry: Hashable, Sendable {
        /// As often as is usual.
        case enabled

        /// Never: a job that fails is gone.
        case disabled

        /// At most so many times after the first.
        case limited(Int)
    }

    /// What the member `backtrace` says.
    public enum Backtrace: Hashable, Sendable {
        /// Keep nothing.
        case none

        /// Keep every line.
        case all

        /// Keep the first so many lines.
        case lines(Int)
    }
}

extension JobPayload {
    /// No member that counts or lasts may be larger: Sidekiq's own limit of `retry_for`, in seconds.
    private static let limit = 1_000_000_000

    private func text(_ field: ByteRange) -> ArraySlice<UInt8>? { field.range.map { self.bytes[$0] } }

    private func kind(_ field: ByteRange) -> JSONKind? {
        field.range.map { JSONKind(firstByte: self.bytes[$0.lowerBound]) }
    }

    private func isTrue(_ field: ByteRange) -> Bool { self.text(field)?.first == UInt8(ascii: "t") }

    private func string(_ field: ByteRange) -> String? {
        guard let text = self.text(field), text.first == UInt8(ascii: "\"") else { return nil }
        return JSONString.decode(text)
    }

    private func strings(in range: Range<Int>) -> [String] {
        let elements = (try? JSONText.elements(of: self.bytes, in: range)) ?? []
        return elements.compactMap { element in
            self.bytes[element.lowerBound] == UInt8(ascii: "\"") ? JSONString.decode(self.bytes[element]) : nil
        }
    }

    private func integer(_ field: ByteRange) -> Int? {
        guard let text = self.text(field), self.kind(field) == .number else { return nil }
        switch JSONNumber.integer(text, as: Int.self) {
        case .value(let value): return min(max(value, -Self.limit), Self.limit)
        case .outOfRange: return text.first == UInt8(ascii: "-") ? -Self.limit : Self.limit
        case .fractional: return nil
        }
    }

    /// Durations are positive numbers of seconds; zero, less, or something else means none.
    private func duration(_ field: ByteRange) -> Duration? {
        guard let text = self.text(field), self.kind(field) == .number else { return nil }
        guard let seconds = JSONNumber.floating(text, as: Double.self), seconds > 0 else { return nil }
        return .seconds(min(seconds, Double(Self.limit)))
    }

    private func time(_ field: ByteRange) -> SidekiqTime? {
        guard let text = self.text(field), self.kind(field) == .number else { return nil }
        return SidekiqTime(literal: text)
    }
}
