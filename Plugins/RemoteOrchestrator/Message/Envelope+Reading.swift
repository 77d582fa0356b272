import Wingman

extension Envelope {
    /// Reads a message.
    ///
    /// - Throws: Why it cannot be a message. Never traps, whatever the bytes are.
    static func parse(_ bytes: [UInt8], limits: Limits = Limits()) throws(Refusal) -> Envelope {
        guard bytes.count <= limits.bytes else {
            throw Refusal(.tooLarge, "the message has \(bytes.count) bytes, \(limits.bytes) are allowed")
        }
        let object = try JSONObjectView.reading(bytes)
        try Self.checkVersion(object)
        let client = try Self.client(object)
        guard let body = object.value(of: "body") else { throw Refusal(.missingBody, "it has no member \"body\"") }
        var envelope = Envelope(client: client, body: Array(body))
        envelope.id = try object.name("id")
        envelope.type = try object.name("type")
        envelope.correlationID = try object.name("correlation_id")
        envelope.deadline = try object.milliseconds("deadline")
        envelope.key = try object.name("key")
        envelope.priority = try object.number("priority", in: 0...9)
        envelope.idempotencyKey = try object.name("idempotency_key")
        envelope.headers = try object.texts("headers", most: Limits.headers)
        envelope.traceparent = try object.object("trace")?.name("traceparent", of: "trace")
        envelope.sent = try object.milliseconds("ts")
        envelope.replyTo = try Self.replyTo(object, limits)
        return envelope
    }

    /// What can be told of a message that was refused: whom it was for, who sent it, and who waits for an answer.
    struct Sketch: Sendable, Equatable {
        var id: String?
        var client: String?
        var replyTo: String?
        var correlationID: String?
    }

    /// Reads what can be read of a message that ``parse(_:limits:)`` refused.
    static func sketch(_ bytes: [UInt8], limits: Limits = Limits()) -> Sketch {
        guard bytes.count <= limits.bytes, let object = try? JSONObjectView(bytes) else { return Sketch() }
        let replyTo = try? object.name("reply_to")
        return Sketch(
            id: try? object.name("id"),
            client: try? object.name("client"),
            replyTo: replyTo.flatMap { limits.allowsReply(to: $0) ? $0 : nil },
            correlationID: try? object.name("correlation_id")
        )
    }

    private static func checkVersion(_ object: JSONObjectView) throws(Refusal) {
        guard let version = object.present("v") else { return }
        guard version.elementsEqual("1".utf8) else {
            throw Refusal(.unsupportedVersion, "the member \"v\" must be 1, or absent")
        }
    }

    private static func client(_ object: JSONObjectView) throws(Refusal) -> String {
        guard object.value(of: "client") != nil else { throw Refusal(.missingClient, "it has no member \"client\"") }
        guard let client = object.string("client"), !client.isEmpty else {
            throw Refusal(.badClient, "the member \"client\" must be a string that is not empty")
        }
        guard client.utf8.count <= Limits.name else {
            throw Refusal(.badClient, "the member \"client\" is longer than \(Limits.name) bytes")
        }
        // Else its plain list would be another client's list of high priority.
        let isTaken = LanePriority.allCases.contains { !$0.suffix.isEmpty && client.hasSuffix($0.suffix) }
        guard !isTaken else {
            throw Refusal(.badClient, "the member \"client\" must not end in \":high\" or \":low\"")
        }
        return client
    }

    private static func replyTo(_ object: JSONObjectView, _ limits: Limits) throws(Refusal) -> String? {
        guard let list = try object.name("reply_to") else { return nil }
        guard limits.allowsReply(to: list) else {
            let prefixes = limits.replyPrefixes.map { "\"\($0)\"" }.joined(separator: " or ")
            throw Refusal(.badReplyTo, "the member \"reply_to\" must begin with \(prefixes), and go on")
        }
        return list
    }
}

extension JSONObjectView {
    /// An object, or why these bytes are none.
    static func reading(_ bytes: [UInt8]) throws(Refusal) -> JSONObjectView {
        do throws(JSONObjectError) {
            return try JSONObjectView(bytes)
        } catch {
            switch error.kind {
            case .notJSON: throw Refusal(.badJSON, error.description)
            case .notAnObject: throw Refusal(.notAnObject, error.description)
            }
        }
    }

    /// The JSON of a member that is there and not null.
    func present(_ member: String) -> ArraySlice<UInt8>? {
        guard let value = self.value(of: member), !value.elementsEqual("null".utf8) else { return nil }
        return value
    }

    /// A short text.
    func name(_ member: String, of parent: String? = nil) throws(Refusal) -> String? {
        guard self.present(member) != nil else { return nil }
        let path = parent.map { "\($0).\(member)" } ?? member
        guard let text = self.string(member), !text.isEmpty else {
            throw Refusal(.badEnvelope, "the member \"\(path)\" must be a string that is not empty")
        }
        guard text.utf8.count <= Limits.name else {
            throw Refusal(.badEnvelope, "the member \"\(path)\" is longer than \(Limits.name) bytes")
        }
        return text
    }

    /// A whole number, however it is spelt: `5`, `5.0`, `5e0`.
    func number(_ member: String, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let literal = self.present(member) else { return nil }
        // What is no number, too large for one, or no whole one is refused alike.
        guard let number = Double(String(decoding: literal, as: UTF8.self)).flatMap(Int.init(exactly:)),
            range.contains(number)
        else {
            throw Refusal(
                .badEnvelope,
                "the member \"\(member)\" must be a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// A time in milliseconds since 1970. Fractions are cut off: many clocks have them.
    func milliseconds(_ member: String) throws(Refusal) -> Int? {
        guard let literal = self.present(member) else { return nil }
        guard let time = Double(String(decoding: literal, as: UTF8.self)), (0...Double(Limits.latest)).contains(time)
        else {
            throw Refusal(.badEnvelope, "the member \"\(member)\" must be a time in milliseconds since 1970")
        }
        return Int(time)
    }

    /// An object inside.
    func object(_ member: String) throws(Refusal) -> JSONObjectView? {
        guard let value = self.present(member) else { return nil }
        do throws(JSONObjectError) {
            return try JSONObjectView(Array(value))
        } catch {
            throw Refusal(.badEnvelope, "the member \"\(member)\" must be an object")
        }
    }

    /// An object of texts.
    func texts(_ member: String, most: Int) throws(Refusal) -> [String: String] {
        guard let object = try self.object(member) else { return [:] }
        let names = object.names
        guard names.count <= most else {
            throw Refusal(.badEnvelope, "the member \"\(member)\" has more than \(most) members")
        }
        var texts: [String: String] = [:]
        for name in names {
            guard let text = object.string(name) else {
                throw Refusal(.badEnvelope, "the members of \"\(member)\" must be strings")
            }
            texts[name] = text
        }
        return texts
    }
}
