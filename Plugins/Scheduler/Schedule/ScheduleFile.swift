import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Schedules in a JSON file, for jobs of this program and of others.
///
/// ```json
/// {"schedules": [
///   {"id": "digest", "spec": "0 4 * * sun Europe/Berlin", "class": "Digest", "args": ["weekly"], "queue": "low",
///    "catchUp": "all:4:7d", "grace": "5m", "overlap": "skip", "jitter": "30s"}
/// ]}
/// ```
struct ScheduleFile {
    let entries: [ScheduleEntry]

    private struct Content: Decodable {
        var schedules: [ScheduleText]
    }

    /// Reads a file.
    ///
    /// - Throws: `ConfigurationError` with all faults, each with its schedule.
    init(path: String) throws(ConfigurationError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError(["the file of schedules \"\(path)\" cannot be read"])
        }
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: data)
        } catch {
            throw ConfigurationError(["the file of schedules \"\(path)\" \(Self.reason(error))"])
        }
        var faults: [String] = []
        self.entries = content.schedules.compactMap { text in
            do throws(ConfigurationError) {
                return try text.entry()
            } catch {
                faults += error.faults.map { "\(path): \($0)" }
                return nil
            }
        }
        guard faults.isEmpty else { throw ConfigurationError(faults) }
    }

    private static func reason(_ error: any Error) -> String {
        let path: ([any CodingKey]) -> String = { keys in
            keys.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }.joined()
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context):
            "lacks \"\(key.stringValue)\" at \(path(context.codingPath))"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "has a wrong value at \(path(context.codingPath))"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            "has a wrong value at \(path(context.codingPath)): allowed: \(context.debugDescription)"
        default: "is no JSON"
        }
    }
}

/// A schedule as text: what files and `cron add` have.
struct ScheduleText: Decodable {
    var id: String?
    var spec: String
    var zone: String?
    var `class`: String
    var args: JSONFragment?
    var queue: String?
    var occurrences: Bool?
    var catchUp: CatchUp?
    var grace: String?
    var overlap: Overlap?
    var jitter: String?

    var blueprint: JobBlueprint {
        JobBlueprint(
            jobClass: self.class,
            arguments: self.args?.text ?? "[]",
            queue: self.queue,
            takesOccurrences: self.occurrences
        )
    }

    /// The schedule it means.
    ///
    /// - Throws: `ConfigurationError` with all that is wrong with it.
    func entry(options: JobOptions? = nil) throws(ConfigurationError) -> ScheduleEntry {
        let spec = self.spec
        let zone = self.zone
        var faults: [String] = []
        let grace = self.duration(self.grace, "grace", &faults)
        let jitter = self.duration(self.jitter, "jitter", &faults)
        let catchUp = self.catchUp
        let overlap = self.overlap
        let entry = ScheduleEntry(id: self.id, jobClass: self.class, maker: .of(self.blueprint, options: options)) {
            id throws(RecurrenceError) in try Recurrence(spec, in: zone, id: id)
        }
        .with { $0 = PolicyChoices(catchUp: catchUp, grace: grace, overlap: overlap, jitter: jitter) }
        if self.class.isEmpty { faults.append("schedule \"\(entry.id)\": its class is empty") }
        if let fault = entry.fault { faults.append(fault) }
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        return entry
    }

    private func duration(_ text: String?, _ name: String, _ faults: inout [String]) -> Int? {
        guard let text else { return nil }
        guard let duration = Duration(optionContent: .text(text)) else {
            faults.append("schedule \"\(self.id ?? self.class)\": \(name) must be \(Duration.optionExpectation)")
            return nil
        }
        return duration.wholeMilliseconds
    }
}

/// A JSON array kept as its text.
struct JSONFragment: Decodable, Sendable {
    let text: String

    init(text: String) {
        self.text = text
    }

    init(from decoder: any Decoder) throws {
        let value = try JSONTree(from: decoder)
        guard case .array = value else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "an array"))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.text = String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Any JSON value.
enum JSONTree: Codable, Sendable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case array([JSONTree])
    case object([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONTree].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
