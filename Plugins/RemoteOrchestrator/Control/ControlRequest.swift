import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What one process is asked, as it lies in its control list.
///
/// `{"command":"pause","client":"mailer","reply_to":"replies:…"}`
struct ControlRequest: Codable, Equatable, Sendable {
    /// What can be asked.
    enum Command: String, Codable, CaseIterable, Sendable {
        /// Are you there?
        case ping
        /// What did you do since you started, and what do you do now?
        case stats
        /// How do your services fare?
        case tree
        /// Take nothing new, jobs included.
        case quiet
        /// Handle no messages of a client.
        case pause
        /// Handle them again.
        case resume
        /// Give up a message that is being handled.
        case cancel
    }

    let command: Command
    let client: String?
    let id: String?
    let replyTo: String

    enum CodingKeys: String, CodingKey {
        case command
        case client
        case id
        case replyTo = "reply_to"
    }

    init(_ command: Command, client: String? = nil, id: String? = nil, replyTo: String) {
        self.command = command
        self.client = client
        self.id = id
        self.replyTo = replyTo
    }

    /// In bytes; no request of ours has more than a few hundred.
    private static let sizeLimit = 1 << 16

    /// Reads a request from a control list.
    ///
    /// - Parameter prefixes: What reply lists may begin with.
    /// - Throws: ``ControlFault``. The bytes may be anything.
    static func parse(_ bytes: [UInt8], replyPrefixes prefixes: [String]) throws(ControlFault) -> ControlRequest {
        guard bytes.count <= Self.sizeLimit, let view = try? JSONObjectView(bytes) else {
            throw ControlFault(replyTo: nil, message: "a request is a JSON object of at most \(Self.sizeLimit) bytes")
        }
        // Else whoever may push here could write anywhere.
        guard let replyTo = view.string("reply_to"), Self.isAllowed(replyTo, prefixes) else {
            throw ControlFault(
                replyTo: nil,
                message: "a request has a reply_to that begins with \(prefixes.joined(separator: " or "))"
            )
        }
        let known = Command.allCases.map(\.rawValue).joined(separator: ", ")
        guard let command = view.string("command").flatMap(Command.init) else {
            throw ControlFault(replyTo: replyTo, message: "the command is none of \(known)")
        }
        let request = ControlRequest(command, client: view.string("client"), id: view.string("id"), replyTo: replyTo)
        if let missing = request.missing {
            throw ControlFault(replyTo: replyTo, message: "\(command.rawValue) needs a member \"\(missing)\", a string")
        }
        return request
    }

    private static func isAllowed(_ list: String, _ prefixes: [String]) -> Bool {
        prefixes.contains { list.hasPrefix($0) && list.utf8.count > $0.utf8.count }
    }

    /// What the command needs and does not have.
    private var missing: String? {
        switch self.command {
        case .ping, .stats, .tree, .quiet: nil
        case .pause, .resume: self.client?.isEmpty == false ? nil : "client"
        case .cancel: self.id?.isEmpty == false ? nil : "id"
        }
    }

    /// The JSON.
    func bytes() throws -> [UInt8] {
        try MessageCoding.encode(self)
    }
}

/// Why a request was not understood, and where to say so.
struct ControlFault: Error, Equatable {
    let replyTo: String?
    let message: String
}
