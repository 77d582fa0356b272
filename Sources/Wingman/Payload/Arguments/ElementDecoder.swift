/// Reads one JSON value for `Decodable` code: strict about types, and mute about values.
///
/// The bytes were scanned as a whole before; values are decoded where they lie, when they are asked for.
struct ElementDecoder: Decoder {
    let bytes: [UInt8]
    let range: Range<Int>
    let path: ArgumentPath

    var codingPath: [any CodingKey] { self.path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var literal: ArraySlice<UInt8> { self.bytes[self.range] }
    var isNull: Bool { self.kind == .null }

    /// A range found by the scanner is never empty.
    private var kind: JSONKind { JSONKind(firstByte: self.bytes[self.range.lowerBound]) }

    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // The two commonest types go before the search for a conformance, which costs more than the reading.
        if type == Int.self { return try self.element(Int.self, as: type) }
        if type == String.self { return try self.element(String.self, as: type) }
        if let element = type as? any JSONElement.Type { return try self.element(element, as: type) }
        guard !self.path.isTooLong else {
            throw self.path.error(.notAccepted, "values are nested more than \(JSONScanner.maximumDepth) deep")
        }
        do {
            return try Value(from: self)
        } catch {
            throw self.path.wrap(error, .notAccepted, "the value (\(self.kind.rawValue)) is none that \(type) takes")
        }
    }

    private func element<Element: JSONElement, Value>(_ element: Element.Type, as type: Value.Type) throws -> Value {
        switch Element.read(self.literal) {
        case .value(let value):
            // `Element` and `Value` are one type: the first was cast from the second.
            guard let value = value as? Value else { throw self.mismatch(Element.expectation) }
            return value
        case .wrongType: throw self.mismatch(Element.expectation)
        case .notAccepted:
            throw self.path.error(.notAccepted, "expected \(Element.demand), found \(self.kind.rawValue) that is not")
        }
    }

    func mismatch(_ expectation: String) -> ArgumentError {
        self.path.error(.wrongType, "expected \(expectation), found \(self.kind.rawValue)")
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard self.kind == .object else { throw self.mismatch(JSONKind.object.rawValue) }
        return KeyedDecodingContainer(try ObjectDecodingContainer(self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard self.kind == .array else { throw self.mismatch(JSONKind.array.rawValue) }
        return try ArrayDecodingContainer(self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func inside(_ range: Range<Int>, _ key: any CodingKey) -> Self {
        Self(bytes: self.bytes, range: range, path: self.path.appending(key))
    }
}

extension ElementDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { self.isNull }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.value(type) }

    // The one generic function stands for every type but those that the standard library has a refusal for.
    func decode(_ type: Int128.Type) throws -> Int128 { try self.value(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try self.value(type) }
}

/// Reads the members of an object.
private struct ObjectDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: ElementDecoder
    private let members: [String: Range<Int>]

    init(_ decoder: ElementDecoder) throws(JSONError) {
        var members: [String: Range<Int>] = [:]
        // The last of two members of one name wins, as in Ruby.
        for member in try JSONText.members(of: decoder.bytes, in: decoder.range) {
            members[JSONString.decode(decoder.bytes[member.key])] = member.value
        }
        self.decoder = decoder
        self.members = members
    }

    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var allKeys: [Key] { self.members.keys.sorted().compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { self.members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try self.member(key).isNull }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try self.member(key).value(type)
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try self.member(key).value(type) }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try self.member(key).value(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try self.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try self.member(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try self.member(SuperKey.super) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try self.member(key) }

    private func member(_ key: any CodingKey) throws(ArgumentError) -> ElementDecoder {
        guard let range = self.members[key.stringValue] else {
            throw self.decoder.path.appending(key).error(.missing, "the member is missing and not optional")
        }
        return self.decoder.inside(range, key)
    }
}

/// Reads the elements of an array.
private struct ArrayDecodingContainer: UnkeyedDecodingContainer {
    private let decoder: ElementDecoder
    private let elements: [Range<Int>]
    private(set) var currentIndex = 0

    init(_ decoder: ElementDecoder) throws(JSONError) {
        self.decoder = decoder
        self.elements = try JSONText.elements(of: decoder.bytes, in: decoder.range)
    }

    var codingPath: [any CodingKey] { self.decoder.codingPath }
    var count: Int? { self.elements.count }
    var isAtEnd: Bool { self.currentIndex >= self.elements.count }

    mutating func decodeNil() throws -> Bool {
        let isNull = try self.current().isNull
        if isNull { self.currentIndex += 1 }
        return isNull
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try self.next(type) }

    mutating func decode(_ type: Int128.Type) throws -> Int128 { try self.next(type) }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try self.next(type) }

    private mutating func next<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try self.current().value(type)
        self.currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try self.current().container(keyedBy: type)
        self.currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try self.current().unkeyedContainer()
        self.currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try self.current()
        self.currentIndex += 1
        return decoder
    }

    /// The element that is read next; an index is passed only when its value was read.
    private func current() throws(ArgumentError) -> ElementDecoder {
        let key = ElementIndex(self.currentIndex)
        guard !self.isAtEnd else {
            throw self.decoder.path.appending(key).error(.missing, "the array ends before this element")
        }
        return self.decoder.inside(self.elements[self.currentIndex], key)
    }
}
