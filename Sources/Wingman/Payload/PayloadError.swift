/// Why bytes cannot be a job. Its text says what is wrong and where, and never what the bytes hold.
public struct PayloadError: Error, Hashable, Sendable {
    /// What kind of fault it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        /// The bytes are not JSON.
        public static let notJSON = Code(name: "notJSON")

        /// The JSON is not an object.
        public static let notAnObject = Code(name: "notAnObject")

        /// A member that every job has is missing.
        public static let missingMember = Code(name: "missingMember")

        /// A member is of a type that no job may have there.
        public static let wrongType = Code(name: "wrongType")

        /// The name of the code, as in `PayloadError.Code.notJSON`.
        public var description: String { self.name }
    }

    /// What kind of fault it is.
    public let code: Code

    /// Where the fault lies, in bytes from the start of the payload.
    public let offset: Int

    /// What is wrong, for people.
    public let message: String
}

extension PayloadError: CustomStringConvertible {
    /// What is wrong and where.
    public var description: String { "The job's payload cannot be used: \(self.message) (byte \(self.offset))." }
}

extension PayloadError {
    init(_ error: JSONError) {
        self.init(code: .notJSON, offset: error.offset, message: "it is not JSON, \(error.reason.rawValue)")
    }

    static func notAnObject(found: JSONKind, offset: Int) -> Self {
        Self(code: .notAnObject, offset: offset, message: "an object is expected, found \(found.rawValue)")
    }

    static func missing(_ member: StaticString) -> Self {
        Self(code: .missingMember, offset: 0, message: "it has no member \"\(member)\"")
    }

    static func wrongType(_ member: StaticString, expected: StaticString, found: JSONKind, offset: Int) -> Self {
        Self(
            code: .wrongType,
            offset: offset,
            message: "the member \"\(member)\" must be \(expected), found \(found.rawValue)"
        )
    }
}
