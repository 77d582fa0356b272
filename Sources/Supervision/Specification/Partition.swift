/// Several copies of one child, among which keys are spread: the same key always goes to the same copy.
///
/// ```swift
/// let crawlers = Partition("crawler", count: 4)
/// …
/// crawlers.supervisor { index in ChildSpecification(crawlers.member(index)) { Crawler() } }
/// …
/// try await crawlers.reference(for: host, as: Crawler.self, in: registry).withService { try await $0.fetch(url) }
/// ```
public struct Partition: Sendable, Hashable {
    /// The name of the supervisor of the copies.
    public let name: String
    /// How many copies there are.
    public let count: Int

    /// Names a partition of `count` copies, at least 1.
    public init(_ name: String, count: Int) {
        self.name = name
        self.count = max(1, count)
    }

    /// The name of the copy of that index, from 0: `crawler-0`.
    public func member(_ index: Int) -> String { "\(self.name)-\(index)" }

    /// The index of the copy that `key` goes to. It depends on nothing but key and count, so it is the same in each process.
    public func index(for key: String) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a; Swift's own hash differs from process to process
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(hash % UInt64(self.count))
    }

    /// A handle for the copy that `key` goes to; it resolves the name at each use.
    public func reference<Interface>(
        for key: String,
        as type: Interface.Type,
        in registry: ServiceRegistry
    ) -> ServiceReference<Interface> {
        registry.reference(to: self.member(self.index(for: key)), as: type)
    }

    /// The supervisor of the copies: one-for-one, and the copies are stopped one after the other.
    ///
    /// - Parameters:
    ///   - intensity: How often all copies together may be restarted.
    ///   - giveUp: What happens then.
    ///   - member: Describes the copy of an index; its name has to be ``member(_:)``.
    public func supervisor(
        intensity: Intensity = .standard,
        giveUp: GiveUpPolicy = .escalate,
        member: (Int) -> ChildSpecification
    ) -> SupervisorSpecification {
        SupervisorSpecification(self.name, intensity: intensity, giveUp: giveUp) {
            for index in 0..<self.count { member(index) }
        }
    }
}
