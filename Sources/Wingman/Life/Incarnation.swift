#if canImport(Glibc)
    import Glibc
#endif

/// One life of this process in the store's eyes. A fence ends it; the next one has another identity.
struct Incarnation: Sendable, Equatable {
    let process: ProcessID
    /// 1 for the first, one more after every fence.
    let epoch: Int

    /// A fresh identity, `host:pid:nonce` as Sidekiq writes it (12 hexadecimal digits).
    static func make(epoch: Int) -> Incarnation {
        let nonce = UInt64.random(in: 0..<(1 << 48))
        let digits = String(nonce, radix: 16)
        let padded = String(repeating: "0", count: 12 - digits.count) + digits
        return Incarnation(process: ProcessID(rawValue: "\(Host.name):\(getpid()):\(padded)"), epoch: epoch)
    }
}
