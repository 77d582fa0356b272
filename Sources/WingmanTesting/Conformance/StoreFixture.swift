public import Wingman

/// How the conformance suite gets at a store: written once by the author of a store.
///
/// A fixture stands for one place where jobs live (a server, a file). Checks run on it one after another, each after
/// ``reset()``.
///
/// ```swift
/// struct MyFixture: StoreFixture {
///     let server: MyServer
///     func open() async throws -> any Store {
///         let store = MyStore(server.url, clock: server.clock)
///         try await store.open()
///         return store
///     }
///     func reset() async throws { try await server.removeAll() }
///     func advance(by duration: Duration) async throws { server.clock.advance(by: duration) }
/// }
///
/// @Test(arguments: StoreConformance.checks)
/// func conformance(check: StoreConformance.Check) async throws {
///     try await check.run(on: MyFixture(server: .shared))
/// }
/// ```
public protocol StoreFixture: Sendable {
    /// Opens a store on the data of this fixture, as one more process would. The suite closes it.
    func open() async throws -> any Store

    /// Forgets everything. Stores that are open need not survive it.
    func reset() async throws

    /// Puts the clock of all stores on this data forward, or back by a negative duration. Everything that has a time
    /// goes by it: leases, due jobs, expiries, the hour for which an identity stays in use.
    ///
    /// In between the clock may run as usual, but the property test needs one that stands.
    func advance(by duration: Duration) async throws

    /// Makes something go wrong, for the checks of what happens then.
    ///
    /// - Returns: False if this store cannot be brought to it; such checks are passed over.
    func provoke(_ fault: StoreFault) async throws -> Bool

    /// Ends what ``provoke(_:)`` began.
    func relieve(_ fault: StoreFault) async throws
}

extension StoreFixture {
    /// Provokes nothing.
    public func provoke(_ fault: StoreFault) async throws -> Bool { false }
    /// Nothing to end.
    public func relieve(_ fault: StoreFault) async throws {}
}

/// Something that can go wrong with a store.
public enum StoreFault: Sendable, Hashable {
    /// There is no room for anything new.
    case full
    /// A place cannot be written (on Redis its key holds another type). It is empty when the fault begins.
    case unwritable(Place)
}
