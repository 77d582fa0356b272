/// One job as it lies in the store: its JSON bytes, kept as received, and where in them the known members are.
///
/// The bytes are the job's identity: Sidekiq removes a job by comparing them, and members that nobody here knows
/// must survive. So a payload is scanned once, from end to end, and read in place; it is changed by splicing
/// (`JobPayload.applying(_:)`), never by parsing and writing it anew.
///
/// Whoever made the bytes, reading never traps. A member of a senseless type reads as if it were absent.
public struct JobPayload: Sendable {
    /// The bytes, exactly as received.
    public let bytes: [UInt8]

    let fields: PayloadFields

    /// Scans the bytes of a job.
    ///
    /// - Parameter bytes: one JSON object, UTF-8, with a string `class` and an array `args`.
    /// - Throws: `PayloadError` when they are not that.
    public init(_ bytes: [UInt8]) throws(PayloadError) {
        self.fields = try Self.scan(bytes)
        self.bytes = bytes
        try self.checkTypes()
    }

    private static func scan(_ bytes: [UInt8]) throws(PayloadError) -> PayloadFields {
        let result: Result<PayloadFields, JSONError> = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(JSONError) in try Self.scan(buffer) }
        }
        switch result {
        case .success(let fields): return fields
        case .failure(let error) where error.reason == .objectExpected:
            throw .notAnObject(found: JSONKind(firstByte: bytes[error.offset]), offset: error.offset)
        case .failure(let error): throw PayloadError(error)
        }
    }

    /// The one pass over the bytes: validates all of them and notes the members of the outermost object.
    private static func scan(_ buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) -> PayloadFields {
        guard buffer.count <= JSONScanner.maximumSize else { throw JSONError(.tooLarge, at: 0) }
        var fields = PayloadFields()
        var scanner = JSONScanner(buffer)
        scanner.skipWhitespace()
        let start = scanner.position
        guard scanner.current == UInt8(ascii: "{") else {
            try scanner.skipValue()
            try scanner.expectEnd()
            throw JSONError(.objectExpected, at: start)
        }
        try scanner.openObject()
        var isFirst = true
        while let member = try scanner.nextMember(isFirst: isFirst) {
            isFirst = false
            let name = member.key.lowerBound + 1..<member.key.upperBound - 1
            if member.isPlain {
                fields.note(UnsafeBufferPointer(rebasing: buffer[name]), at: member.value)
            } else {
                let text = JSONString.decode(ArraySlice(buffer[member.key]))
                Array(text.utf8).withUnsafeBufferPointer { fields.note($0, at: member.value) }
            }
        }
        try scanner.expectEnd()
        return fields
    }

    private func checkTypes() throws(PayloadError) {
        guard let classRange = self.fields.className.range else { throw .missing("class") }
        let classKind = JSONKind(firstByte: self.bytes[classRange.lowerBound])
        guard classKind == .string else {
            throw .wrongType("class", expected: "a string", found: classKind, offset: classRange.lowerBound)
        }
        guard classRange.count > 2 else {
            throw PayloadError(
                code: .wrongType,
                offset: classRange.lowerBound,
                message: "the member \"class\" is empty"
            )
        }
        guard let argumentsRange = self.fields.arguments.range else { throw .missing("args") }
        let argumentsKind = JSONKind(firstByte: self.bytes[argumentsRange.lowerBound])
        guard argumentsKind == .array else {
            throw .wrongType("args", expected: "an array", found: argumentsKind, offset: argumentsRange.lowerBound)
        }
    }
}

extension JobPayload: Hashable {
    /// Two payloads are equal when their bytes are: the store knows no other identity.
    public static func == (one: Self, other: Self) -> Bool { one.bytes == other.bytes }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.bytes) }
}

extension JobPayload {
    /// The class that statistics and pages count it under: the wrapped one, where `class` only names a wrapper.
    var countedClass: String { self.wrappedClassName ?? self.className }
}
