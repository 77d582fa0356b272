/// The encoder that values inside an argument see: ordinary JSON, with an object's keys sorted and its nils left out.
struct ElementEncoder: Encoder {
    let node: EncodingNode
    let path: ArgumentPath

    var codingPath: [any CodingKey] { self.path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        self.node.shape = .object
        return KeyedEncodingContainer(ObjectEncodingContainer(node: self.node, path: self.path))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        self.node.shape = .array
        return ArrayEncodingContainer(node: self.node, path: self.path)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension ElementEncoder: SingleValueEncodingContainer {
    func encodeNil() throws { self.node.addNull("") }

    func encode(_ value: some Encodable) throws { try self.add(value) }

    // The one generic function stands for every type but those that the standard library has a refusal for.
    func encode(_ value: Int128) throws { try self.add(value) }
    func encode(_ value: UInt128) throws { try self.add(value) }

    private func add(_ value: some Encodable) throws { try self.node.add(value, "", path: self.path) }
}

/// Writes the members of an object.
private struct ObjectEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: EncodingNode
    let path: ArgumentPath

    var codingPath: [any CodingKey] { self.path.keys }

    func encodeNil(forKey key: Key) throws { self.node.addNull(key.stringValue) }

    func encode(_ value: some Encodable, forKey key: Key) throws { try self.add(value, key) }
    func encode(_ value: Int128, forKey key: Key) throws { try self.add(value, key) }
    func encode(_ value: UInt128, forKey key: Key) throws { try self.add(value, key) }

    private func add(_ value: some Encodable, _ key: Key) throws {
        try self.node.add(value, key.stringValue, path: self.path.appending(key))
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        self.encoder(for: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        self.encoder(for: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { self.encoder(for: SuperKey.super) }

    func superEncoder(forKey key: Key) -> any Encoder { self.encoder(for: key) }

    private func encoder(for key: any CodingKey) -> ElementEncoder {
        ElementEncoder(node: self.node.addNode(key.stringValue), path: self.path.appending(key))
    }
}

/// Writes the elements of an array.
private struct ArrayEncodingContainer: UnkeyedEncodingContainer {
    let node: EncodingNode
    let path: ArgumentPath

    var codingPath: [any CodingKey] { self.path.keys }
    var count: Int { self.node.count }

    func encodeNil() throws { self.node.addNull("") }

    func encode(_ value: some Encodable) throws { try self.add(value) }
    func encode(_ value: Int128) throws { try self.add(value) }
    func encode(_ value: UInt128) throws { try self.add(value) }

    private func add(_ value: some Encodable) throws {
        try self.node.add(value, "", path: self.path.appending(ElementIndex(self.count)))
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        self.nextEncoder().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { self.nextEncoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { self.nextEncoder() }

    private func nextEncoder() -> ElementEncoder {
        let path = self.path.appending(ElementIndex(self.count))
        return ElementEncoder(node: self.node.addNode(""), path: path)
    }
}
