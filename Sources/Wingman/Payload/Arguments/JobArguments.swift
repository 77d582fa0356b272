import Synchronization

/// A job's stored properties as Sidekiq's positional `args`, and back.
///
/// The format of the elements is frozen: jobs written today are read by every later version. Its golden texts are in
/// Tests/WingmanTests/Payload/ElementFormatTests.swift.
///
/// | Swift | JSON | read as well |
/// | --- | --- | --- |
/// | `Bool`, `String` | `true`, `"text"`: slashes and non-ASCII plain, control characters as in Ruby | any escapes |
/// | integers up to 128 bits | all digits | `1.0`, `1e3`; never a fraction, never rounded |
/// | `Double`, `Float` | shortest digits in Ruby's spelling: `1.0`, `0.1`, `1.0e+16` | integers |
/// | `Decimal` | all digits | any number of at most 38 |
/// | `Date` | `"2026-11-22T04:45:00.000Z"` | other offsets and fractions |
/// | `UUID`, `URL`, `Data` | upper case; absolute; base 64 | lower case; line breaks in base 64 |
/// | optionals | the value or `null` | missing at the end |
/// | arrays, sets | arrays | |
/// | structs, dictionaries | objects with sorted keys, a nil left out | any order, unknown keys |
/// | enums | their raw value, or what the compiler codes for associated values | |
package enum JobArguments {
    /// The properties of each type, in order, as found at its first push.
    private static let orders = Mutex<[ObjectIdentifier: [String]]>([:])

    /// Lays a job out as a JSON array, `[7,64]`.
    ///
    /// At the first push of a type in this process what was written is read again and compared; at every later one the
    /// order of its properties is compared with that of the first. So a type that would shift its arguments is refused
    /// where it is pushed, and does not fail where it runs.
    ///
    /// - Throws: `ArgumentError`, with the property and what to do.
    package static func encode<Job: Codable>(_ job: Job) throws(ArgumentError) -> [UInt8] {
        let type = ObjectIdentifier(Job.self)
        if let order = self.orders.withLock({ $0[type] }) {
            return try PositionalEncoder.encode(job, expecting: order).arguments
        }
        let (arguments, order) = try ArgumentShape.check(job)
        self.orders.withLock { $0[type] = order }
        return arguments
    }

    /// Makes a job from the JSON array of its arguments.
    ///
    /// An argument too many, one missing whose property is not optional, and one of another type are errors. Missing
    /// arguments at the end are nil to optionals: so properties may be added there.
    package static func decode<Job: Decodable>(
        _ type: Job.Type,
        from arguments: ArraySlice<UInt8>
    ) throws(ArgumentError) -> Job {
        try PositionalDecoder.decode(type, reading: PositionalReading(type, arguments))
    }
}
