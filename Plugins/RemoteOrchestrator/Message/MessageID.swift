/// Names for messages whose senders gave none.
enum MessageID {
    /// 24 hexadecimal digits at random.
    static func make() -> String {
        let high = String(UInt32.random(in: .min ... .max), radix: 16)
        let low = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 8 - high.count) + high + String(repeating: "0", count: 16 - low.count)
            + low
    }
}
