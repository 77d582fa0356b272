#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The JSON of bodies and replies: what Swift's own coding writes, with dates as ISO 8601.
enum MessageCoding {
    static func encode(_ body: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return Array(try encoder.encode(body))
    }

    /// Reads what ``encode(_:)`` or another language wrote.
    ///
    /// - Throws: `DecodingError`.
    static func decode<Value: Decodable>(_ type: Value.Type, from json: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(json))
    }

    /// Reads the body of a reply.
    ///
    /// - Parameter reply: Nil if the handler replied nothing, which can be read as an optional or as an empty type.
    static func decode<Reply: Decodable>(_ type: Reply.Type, fromReply reply: [UInt8]?) throws -> Reply {
        do {
            if let reply { return try Self.decode(type, from: reply) }
            let empty = try? Self.decode(type, from: Array("{}".utf8))
            return try empty ?? Self.decode(type, from: Array("null".utf8))
        } catch let error as DecodingError {
            throw RequestError.unreadable(Self.describe(error, reply == nil, type))
        }
    }

    /// Where it does not fit, and never what is there.
    private static func describe(_ error: DecodingError, _ isEmpty: Bool, _ type: Any.Type) -> String {
        guard !isEmpty else { return "the handler replied nothing, which is no \(type)" }
        let path: [any CodingKey] =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            case .keyNotFound(let key, let context): context.codingPath + [key]
            @unknown default: []
            }
        let place = path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        return "it is no \(type)\(place.isEmpty ? "" : ", at \(place)")"
    }
}
