import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How the service of a client takes messages: the two kinds of handlers as one.
enum HandlerKind: Sendable, Equatable {
    /// An ``InboundHandler``, with its lanes and retries.
    case inbound(InboundLanes, InboundRetry)
    /// A `MessageHandler` of the host.
    case bytes
    /// It takes no messages.
    case none

    init(of service: any Service) {
        if let handler = service as? any InboundHandler {
            self = .inbound(handler.lanes, handler.retry)
        } else if service is any MessageHandler {
            self = .bytes
        } else {
            self = .none
        }
    }

    /// How the service that runs under a name takes messages; nil if none runs.
    static func current(of client: String, in services: ServiceDirectory) async -> HandlerKind? {
        try? await services.withService(named: client, as: (any Service).self) { HandlerKind(of: $0) }
    }

    /// How the lane is run; nil if there is nothing to run.
    var lane: (lanes: InboundLanes, retry: InboundRetry)? {
        switch self {
        case .inbound(let lanes, let retry): (lanes, retry)
        case .bytes: (.ordered, InboundRetry())
        case .none: nil
        }
    }
}

/// One call of a handler.
struct HandlerCall: Sendable {
    /// The body's JSON.
    let body: [UInt8]
    let context: InboundContext

    /// The body is not what the handler takes.
    struct Undecodable: Error {
        /// Where, and what was expected there; never what was there.
        let detail: String

        init(_ error: DecodingError) {
            self.detail = error.place
        }
    }

    /// Whether the service takes messages at all.
    static func isTaken(by service: any Service) -> Bool {
        service is any InboundHandler || service is any MessageHandler
    }

    /// Calls `service`.
    ///
    /// - Returns: The reply as JSON, nil if it has none.
    /// - Throws: ``Undecodable``; whatever the handler throws.
    func callAsFunction(_ service: any Service) async throws -> [UInt8]? {
        if let handler = service as? any InboundHandler { return try await self.call(handler) }
        if let handler = service as? any MessageHandler {
            do {
                try await handler.receive(self.body)
            } catch let error as DecodingError {
                // Handlers of bytes decode the body themselves, and what does not fit now will not fit the next time.
                throw Undecodable(error)
            }
        }
        return nil
    }

    private func call<Handler: InboundHandler>(_ handler: Handler) async throws -> [UInt8]? {
        let body: Handler.Body
        do {
            body = try MessageCoding.decode(Handler.Body.self, from: self.body)
        } catch let error as DecodingError {
            throw Undecodable(error)
        }
        let reply = try await handler.handle(body, context: self.context)
        if reply is NoReply { return nil }
        return try MessageCoding.encode(reply)
    }
}

extension DecodingError {
    /// Where the fault is and what was expected: `body.items[2].price: a value of type Int is expected`.
    fileprivate var place: String {
        switch self {
        case .typeMismatch(let type, let context): "\(context.path): a value of type \(type) is expected"
        case .valueNotFound(let type, let context): "\(context.path): a value of type \(type) is expected, not null"
        case .keyNotFound(let key, let context): "\(context.path): the member \"\(key.stringValue)\" is missing"
        case .dataCorrupted(let context): "\(context.path): the value cannot be used"
        @unknown default: "the body cannot be decoded"
        }
    }
}

extension DecodingError.Context {
    fileprivate var path: String {
        self.codingPath.reduce(into: "body") { path, key in
            path += key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
        }
    }
}
