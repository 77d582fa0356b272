/// Plain lists: messages for services and replies to requests, which are no jobs. No middleware sees them.
extension Client {
    /// Adds an element behind all others of a plain list.
    ///
    /// - Parameters:
    ///   - payload: The element.
    ///   - list: The list's key in the store.
    ///   - expiry: How long after the last element was added the whole list goes away; nil: never.
    /// - Throws: ``StoreError``.
    public func append(_ payload: [UInt8], to list: String, expiry: Duration? = nil) async throws {
        _ = try await self.store.apply(Change([.append(list: list, payload: payload, expiry: expiry)]))
    }

    /// Takes the first element of a plain list, waiting for one at most `timeout`. Not held under a lease.
    ///
    /// - Returns: The element, or nil if the time ran out.
    /// - Throws: ``StoreError``.
    public func receive(from list: String, timeout: Duration) async throws -> [UInt8]? {
        try await self.store.receive(from: list, timeout: timeout)
    }
}
