/// Makes the identifiers of jobs, Sidekiq's `jid`.
public enum JobID {
    /// Twelve random bytes from the system as 24 lowercase hexadecimal digits.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Self.make(using: &generator)
    }

    /// The same from another source of randomness, for tests that must repeat.
    package static func make(using generator: inout some RandomNumberGenerator) -> String {
        let high = generator.next()
        let low = UInt32(truncatingIfNeeded: generator.next())
        return String(unsafeUninitializedCapacity: 24) { digits in
            for index in 0..<16 { digits[index] = Hexadecimal.digit(UInt8(high >> (60 - 4 * index) & 15)) }
            for index in 0..<8 { digits[16 + index] = Hexadecimal.digit(UInt8(low >> (28 - 4 * index) & 15)) }
            return 24
        }
    }
}
