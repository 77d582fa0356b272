/// A user and a password. The password is given to AUTH and shown to nobody.
public struct RedisCredentials: Sendable, Hashable {
    /// The ACL user; nil: the default user, by the old form of AUTH.
    public var user: String?
    /// The password. It is private to this module, and no description or mirror shows it.
    let password: String

    /// - Parameters:
    ///   - user: the ACL user; nil for the default user.
    ///   - password: its password.
    public init(user: String? = nil, password: String) {
        self.user = user
        self.password = password
    }
}

extension RedisCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The user, and `***`.
    public var description: String { "\(self.user ?? ""):***" }
    /// The same as ``description``.
    public var debugDescription: String { self.description }
    /// The user only.
    public var customMirror: Mirror { Mirror(self, children: ["user": self.user as Any]) }
}
