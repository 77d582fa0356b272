/// An error that Redis answered with: a code such as `NOSCRIPT`, and its text.
public struct RedisServerError: Error, Sendable, Hashable {
    /// Code and text as Redis sent them, but for quoted arguments, which are cut off.
    public let message: String

    /// - Parameter message: the line of the error reply, without `-`.
    public init(_ message: String) {
        self.message = Self.withoutArguments(message)
    }

    /// The first word when it is in capitals (`ERR`, `WRONGTYPE`), as Redis' codes are; else `ERR`.
    public var code: String {
        let word = self.message.prefix { $0 != " " }
        let isCode = !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == "_") }
        return isCode ? String(word) : "ERR"
    }

    /// "unknown command 'X', with args beginning with: …" quotes what the program sent: job arguments, or a password.
    private static func withoutArguments(_ message: String) -> String {
        // By bytes, as below: a combining mark after the text would hide it from a comparison of characters.
        guard let range = message.utf8.firstRange(of: "with args beginning with:".utf8) else { return message }
        return message[..<range.lowerBound] + "with arguments that are not shown"
    }

    /// The same error with each occurrence of `secret` replaced.
    func redacting(_ secret: String) -> RedisServerError {
        guard !secret.isEmpty else { return self }
        var shown = ""
        var rest = self.message[...]
        while let range = rest.utf8.firstRange(of: secret.utf8) {
            shown += rest[..<range.lowerBound] + "***"
            rest = rest[range.upperBound...]
        }
        return RedisServerError(shown + rest)
    }
}

extension RedisServerError: CustomStringConvertible {
    /// The message.
    public var description: String { self.message }
}

extension RedisServerError {
    /// What an error of the server calls for.
    public enum Kind: Sendable, Hashable {
        /// It passes by itself, or once the operator has acted: try again later.
        case transient
        /// It stays until someone changes the configuration of either side: say so, and do not hammer.
        case permanent
        /// The program is wrong: the same call fails for ever.
        case bug
    }

    /// Whether trying again can help.
    public var kind: Kind { self.verdict.kind }

    /// What an operator can do about it.
    public var advice: String { self.verdict.advice }
}
