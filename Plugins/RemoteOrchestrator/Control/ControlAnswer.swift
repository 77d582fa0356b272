import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a process says to a request: `{"body":{…},"process":"host:1:ab","status":"ok"}`.
enum ControlAnswer {
    private struct Good<Body: Encodable>: Encodable {
        let body: Body
        let process: String
        let status = "ok"
    }

    private struct Bad: Encodable {
        struct Failure: Encodable {
            let code: String
            let message: String
        }

        let error: Failure
        let process: String
        let status = "error"
    }

    static func bytes(_ body: some Encodable, from process: ProcessID) throws -> [UInt8] {
        try MessageCoding.encode(Good(body: body, process: process.rawValue))
    }

    static func bytes(failure code: String, _ message: String, from process: ProcessID) throws -> [UInt8] {
        try MessageCoding.encode(Bad(error: Bad.Failure(code: code, message: message), process: process.rawValue))
    }
}

/// The answer to `ping`.
struct PingBody: Codable, Equatable, Sendable {
    let pid: Int
    let isQuiet: Bool

    enum CodingKeys: String, CodingKey {
        case pid
        case isQuiet = "is_quiet"
    }
}

/// The answer to `quiet`, `pause` and `resume`: what holds now.
struct DoneBody: Codable, Equatable, Sendable {
    let done: String
    var client: String?
}

/// The answer to `cancel`.
struct CancelBody: Codable, Equatable, Sendable {
    let id: String
    /// Whether the message was being handled here.
    let found: Bool
}
