/// What middleware needs: to read and change members that Wingman itself does not know.
extension JobPayload {
    /// Reads a member of the payload.
    ///
    /// - Parameters:
    ///   - key: the member's key.
    ///   - type: any `Decodable` type; objects, arrays, dates and so on as in job arguments.
    /// - Returns: the value, or nil where there is no such member or it is null.
    /// - Throws: `ArgumentError` when the member is of another type.
    public func member<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) throws -> Value? {
        let members = try JSONText.members(of: self.bytes, in: self.bytes.indices)
        let found = members.last { $0.hasKey(key, in: self.bytes) }
        guard let found else { return nil }
        let path = ArgumentPath(position: nil, property: PropertyKey(stringValue: key))
        let decoder = ElementDecoder(bytes: self.bytes, range: found.value, path: path)
        return decoder.isNull ? nil : try decoder.value(type)
    }

    /// The payload with a member set: where it is, or at the end. All else stays byte for byte.
    ///
    /// - Parameters:
    ///   - key: the member's key.
    ///   - value: any `Encodable` value, written as it would be inside a job's arguments.
    /// - Throws: `ArgumentError` when the value has no JSON form, `PayloadError` when what results is no job (a `class`
    ///   that is no string, `args` that are no array).
    public func setting(_ key: String, to value: some Encodable) throws -> JobPayload {
        let node = EncodingNode()
        try node.add(value, "", path: ArgumentPath(position: nil, property: PropertyKey(stringValue: key)))
        var writer = JSONWriter()
        node.render(into: &writer)
        var edits = PayloadEdits()
        edits.set(key, json: writer.bytes)
        return try JobPayload(self.applying(edits))
    }

    /// The payload without a member. All else stays byte for byte.
    ///
    /// - Parameter key: the member's key.
    /// - Throws: `PayloadError` when what results is no job.
    public func removing(_ key: String) throws -> JobPayload {
        var edits = PayloadEdits()
        edits.remove(key)
        return try JobPayload(self.applying(edits))
    }
}
