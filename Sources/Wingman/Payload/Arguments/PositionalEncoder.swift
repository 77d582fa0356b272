/// Lays a job's properties out as a JSON array, in the order in which its `encode(to:)` names them.
///
/// Synthesised code names them in the order of declaration, an optional that is nil included. What would shift
/// arguments is noticed: `PositionalRecord` keeps the names, to be compared with those of the type's first push.
struct PositionalEncoder: Encoder {
    let record: PositionalRecord

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(PositionalEncodingContainer(record: self.record))
    }

    /// What follows is written to nowhere: `encode` throws the refusal at the end.
    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        self.record.refuse("it codes itself as an array by hand")
        return ElementEncoder(node: EncodingNode(), path: ArgumentPath()).unkeyedContainer()
    }

    /// As `unkeyedContainer()`.
    func singleValueContainer() -> any SingleValueEncodingContainer {
        self.record.refuse("it codes itself as one value, as an enum with raw values does")
        return ElementEncoder(node: EncodingNode(), path: ArgumentPath()).singleValueContainer()
    }

    /// The arguments of a job, and its properties in their order.
    ///
    /// - Parameter order: the properties as they must come; nil at the first push of a type.
    static func encode(
        _ job: some Encodable,
        expecting order: [String]?
    ) throws(ArgumentError) -> (arguments: [UInt8], order: [String]) {
        let record = PositionalRecord(expecting: order)
        record.node.shape = .array
        do {
            try job.encode(to: Self(record: record))
        } catch {
            throw record.refusal(of: job)
                ?? ArgumentPath().wrap(error, .notEncodable, "the encode(to:) of \(type(of: job)) failed")
        }
        if let refusal = record.refusal(of: job) { throw refusal }
        try record.checkComplete()
        var writer = JSONWriter()
        record.node.render(into: &writer)
        return (writer.bytes, record.order)
    }
}

/// What one run of a job's `encode(to:)` has written so far. It lives within one call and is never shared.
final class PositionalRecord {
    let node = EncodingNode()
    private(set) var order: [String] = []
    private let expected: [String]?
    private var refusedBecause: String?

    init(expecting expected: [String]?) {
        self.expected = expected
        self.order.reserveCapacity(expected?.count ?? 8)
    }

    func refuse(_ reason: String) {
        self.refusedBecause = self.refusedBecause ?? reason
    }

    func refusal(of job: some Encodable) -> ArgumentError? {
        self.refusedBecause.map { ArgumentError.unsuitable(type(of: job), because: $0) }
    }

    /// Takes note of the property written next, and says where it is.
    func next(_ key: any CodingKey) throws(ArgumentError) -> ArgumentPath {
        let path = ArgumentPath(position: self.order.count, property: key)
        let name = key.stringValue
        if let expected {
            guard self.order.count < expected.count, expected[self.order.count] == name else {
                throw path.error(.unsuitableType, "\(Self.shiftReason), and here another property is expected")
            }
        } else if self.order.contains(name) {
            throw path.error(.unsuitableType, "the property is written twice; each must be written once")
        }
        self.order.append(name)
        return path
    }

    func checkComplete() throws(ArgumentError) {
        guard let expected, self.order.count < expected.count else { return }
        let path = ArgumentPath(
            position: self.order.count,
            property: PropertyKey(stringValue: expected[self.order.count])
        )
        throw path.error(.unsuitableType, "\(Self.shiftReason), and this property is not written")
    }

    private static let shiftReason =
        "encode(to:) must write the same properties at every push, a nil as well (encode, not `if let`)"
}

/// The coding key of a property of which only the name is known.
struct PropertyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }

    init?(intValue: Int) { nil }
}

extension ArgumentError {
    static func unsuitable(_ type: Any.Type, because reason: String) -> Self {
        Self(
            code: .unsuitableType,
            position: nil,
            property: nil,
            message: "\(type) cannot be laid out as positional arguments, since \(reason). A job must be a struct "
                + "whose stored properties are coded by the compiler; put other values into its properties"
        )
    }
}

/// Writes each property as the next argument. Every `encodeIfPresent` writes null for nil, so that a nil keeps its place.
private struct PositionalEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let record: PositionalRecord

    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) throws {
        _ = try self.record.next(key)
        self.record.node.addNull("")
    }

    func encode(_ value: some Encodable, forKey key: Key) throws { try self.add(value, key) }
    func encode(_ value: Int128, forKey key: Key) throws { try self.add(value, key) }
    func encode(_ value: UInt128, forKey key: Key) throws { try self.add(value, key) }

    private func add(_ value: some Encodable, _ key: Key) throws {
        let path = try self.record.next(key)
        try self.record.node.add(value, "", path: path)
    }

    private func encodeOptional(_ value: (some Encodable)?, _ key: Key) throws {
        guard let value else { return try self.encodeNil(forKey: key) }
        try self.add(value, key)
    }

    // One generic function cannot stand for these: the standard library has a default for each, which writes nothing.
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Float?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: Int128?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent(_ value: UInt128?, forKey key: Key) throws { try self.encodeOptional(value, key) }
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        try self.encodeOptional(value, key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        self.nestedEncoder(for: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        self.nestedEncoder(for: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        self.record.refuse("it codes a superclass")
        return ElementEncoder(node: EncodingNode(), path: ArgumentPath())
    }

    func superEncoder(forKey key: Key) -> any Encoder { self.superEncoder() }

    /// Synthesised code never asks for these at the top but for an enum, which then has one key in this value and
    /// another in the next.
    private func nestedEncoder(for key: Key) -> ElementEncoder {
        self.record.refuse("it is an enum, or codes containers by hand")
        return ElementEncoder(node: EncodingNode(), path: ArgumentPath())
    }
}
