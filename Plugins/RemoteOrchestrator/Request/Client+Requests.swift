public import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Client {
    /// Sends a message to the service `client`, wherever it runs.
    ///
    /// - Parameters:
    ///   - client: The name of the service.
    ///   - body: What its handler gets, as JSON; dates as ISO 8601.
    ///   - options: What else the message says.
    /// - Returns: The message's id.
    /// - Throws: ``RequestError/invalid(_:)``; `StoreError`, after which the message may be there nevertheless if it says
    ///   so. With an idempotency key it may be sent again.
    @discardableResult
    public func send(
        to client: String,
        body: some Encodable,
        options: MessageOptions = MessageOptions()
    ) async throws -> String {
        try await self.send(to: client, json: try MessageCoding.encode(body), options: options)
    }

    /// Sends a message whose body is JSON already; see ``send(to:body:options:)``.
    @discardableResult
    public func send(
        to client: String,
        json body: [UInt8],
        options: MessageOptions = MessageOptions()
    ) async throws -> String {
        let message = OutgoingMessage(to: client, options: options, at: Date())
        try await self.append(try message.bytes(body: body, limits: options.limits()), to: options.list, expiry: nil)
        return message.id
    }

    /// Sends a message to the service `client` and waits for the reply.
    ///
    /// The message carries the end of the wait as its deadline, unless `options` have another: what nobody waits for any
    /// more is not begun. So the clocks of both sides have to agree to within much less than `timeout`.
    ///
    /// - Parameters:
    ///   - client: The name of the service.
    ///   - body: What its handler gets, as JSON; dates as ISO 8601.
    ///   - timeout: How long to wait.
    ///   - type: What the reply is read as; `NoReply` for handlers that return nothing.
    ///   - options: What else the message says.
    /// - Throws: ``RequestError``; `StoreError` if the store is away; `CancellationError`. The message may be handled after
    ///   each of them, but for ``RequestError/remote(_:)`` and ``RequestError/invalid(_:)``.
    public func request<Reply: Decodable>(
        to client: String,
        body: some Encodable,
        timeout: Duration = .seconds(10),
        as type: Reply.Type = Reply.self,
        options: MessageOptions = MessageOptions()
    ) async throws -> Reply {
        let reply = try await self.request(
            to: client,
            json: try MessageCoding.encode(body),
            timeout: timeout,
            options: options
        )
        return try MessageCoding.decode(type, fromReply: reply)
    }

    /// Sends a message whose body is JSON already, and waits for the JSON of the reply; nil if the handler replies nothing.
    /// See ``request(to:body:timeout:as:options:)``.
    public func request(
        to client: String,
        json body: [UInt8],
        timeout: Duration = .seconds(10),
        options: MessageOptions = MessageOptions()
    ) async throws -> [UInt8]? {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        let replies = "\(options.replyPrefix)\(UUID().uuidString.lowercased())"
        var options = options
        options.deadline = options.deadline ?? Date().addingTimeInterval(timeout / .seconds(1))
        let message = OutgoingMessage(to: client, options: options, replyTo: replies, at: Date())
        try await self.append(try message.bytes(body: body, limits: options.limits()), to: options.list, expiry: nil)
        guard let reply = try await self.reply(from: replies, before: end) else {
            throw RequestError.timeout(client: client, id: message.id, after: timeout)
        }
        return try ReplyText.body(of: reply)
    }

    /// The first element of a reply list; nil if none came before `end`.
    private func reply(from list: String, before end: ContinuousClock.Instant) async throws -> [UInt8]? {
        let clock = ContinuousClock()
        while true {
            let rest = end - clock.now
            guard rest > .zero else { return nil }
            do {
                if let reply = try await self.receive(from: list, timeout: min(rest, Self.longestWait)) { return reply }
            } catch let error as StoreError where error.code == .unavailable {
                // The reply waits in its list. What was sent to us while the connection broke is lost, and times out.
                guard end - clock.now > Self.pauseInOutage else { throw error }
                try await Task.sleep(for: Self.pauseInOutage)
            }
        }
    }

    /// A connection that died unnoticed costs a reply at most so long.
    private static var longestWait: Duration { .seconds(5) }
    private static var pauseInOutage: Duration { .milliseconds(200) }
}
