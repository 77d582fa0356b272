/// Hands a job's arguments to its `init(from:)`: the first property it names gets the first argument, and so on.
struct PositionalDecoder: Decoder {
    let reading: PositionalReading

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(PositionalDecodingContainer(reading: self.reading))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw self.reading.refusal("it codes itself as an array by hand")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw self.reading.refusal("it codes itself as one value, as an enum with raw values does")
    }

    /// Makes a job from its arguments.
    static func decode<Job: Decodable>(
        _ type: Job.Type,
        reading: PositionalReading
    ) throws(ArgumentError) -> Job {
        let job: Job
        do {
            job = try Job(from: Self(reading: reading))
        } catch {
            throw ArgumentPath().wrap(error, .notAccepted, "the init(from:) of \(type) failed")
        }
        guard reading.count <= reading.order.count else {
            throw ArgumentPath().error(
                .tooMany,
                "\(type) takes \(reading.order.count) arguments (\(reading.order.joined(separator: ", "))), "
                    + "found \(reading.count)"
            )
        }
        return job
    }
}

/// The arguments of one job while its `init(from:)` reads them. It lives within one call and is never shared.
final class PositionalReading {
    /// The properties asked for so far, in the order of the first mention of each.
    private(set) var order: [String] = []
    private let bytes: [UInt8]
    private let elements: [Range<Int>]
    private let type: Any.Type

    init(_ type: Any.Type, _ arguments: ArraySlice<UInt8>) throws(ArgumentError) {
        self.type = type
        self.bytes = Array(arguments)
        do {
            let start = self.bytes.firstIndex { $0 > 0x20 } ?? self.bytes.endIndex
            self.elements = try JSONText.elements(of: self.bytes, in: start..<self.bytes.endIndex)
        } catch {
            throw ArgumentPath().error(.notAnArray, "they are no JSON array, \(error.description)")
        }
        self.order.reserveCapacity(self.elements.count)
    }

    /// The number of arguments there are.
    var count: Int { self.elements.count }

    func refusal(_ reason: String) -> ArgumentError { .unsuitable(self.type, because: reason) }

    /// The argument of a property; nil where the arguments end before it.
    func argument(_ key: any CodingKey) -> ElementDecoder? {
        let position = self.position(of: key.stringValue)
        guard position < self.elements.count else { return nil }
        let path = ArgumentPath(position: position, property: key)
        return ElementDecoder(bytes: self.bytes, range: self.elements[position], path: path)
    }

    func missing(_ key: any CodingKey) -> ArgumentError {
        let path = ArgumentPath(position: self.position(of: key.stringValue), property: key)
        let found = "\(self.count) \(self.count == 1 ? "argument" : "arguments")"
        return path.error(.missing, "the argument is missing and not optional, found \(found)")
    }

    /// The first mention of a property takes the next place.
    private func position(of name: String) -> Int {
        if let known = self.order.firstIndex(of: name) { return known }
        self.order.append(name)
        return self.order.count - 1
    }
}

/// Reads each property from its place. An optional is nil for null, and where the arguments end before it.
private struct PositionalDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let reading: PositionalReading

    var codingPath: [any CodingKey] { [] }

    /// Arguments have no names. Whoever needs them is an enum or a hand-written `init(from:)`, and finds none.
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { self.reading.argument(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try self.argument(key).isNull }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.argument(key).value(type)
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try self.argument(key).value(type) }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try self.argument(key).value(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try self.argument(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.argument(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { throw self.reading.refusal("it codes a superclass") }

    func superDecoder(forKey key: Key) throws -> any Decoder { try self.superDecoder() }

    private func argument(_ key: Key) throws(ArgumentError) -> ElementDecoder {
        guard let argument = self.reading.argument(key) else { throw self.reading.missing(key) }
        return argument
    }
}
