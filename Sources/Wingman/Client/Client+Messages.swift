/// Messages in plain lists: for programs that ask a service of a worker, and wait for its reply.
extension Client {
    /// Adds a message behind all others of a plain list.
    ///
    /// - Parameters:
    ///   - payload: The message.
    ///   - list: The list's key in the store.
    ///   - expiry: The whole list goes away so long after the last message was added; nil is never. For replies, and
    ///     for requests that nobody wants late.
    /// - Throws: ``StoreError``; with ``StoreError/mayHaveRun`` set the message may be there.
    public func append(_ payload: [UInt8], to list: String, expiry: Duration? = nil) async throws {
        _ = try await self.store.apply(Change([.append(list: list, payload: payload, expiry: expiry)]))
    }

    /// Takes the first message of a plain list, waiting for one at most `timeout`. It is gone for everybody else: for
    /// replies, which only their receiver needs.
    ///
    /// - Parameters:
    ///   - list: The list's key in the store.
    ///   - timeout: How long to wait for a message.
    /// - Returns: The message, or nil if the time ran out.
    /// - Throws: ``StoreError``; with ``StoreError/mayHaveRun`` set a message may have been taken and lost.
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        try await self.store.receive(from: list, timeout: timeout)
    }
}
