import Synchronization

/// A job's stored properties as Sidekiq's positional `args`, and back.
///
/// The format of the elements is frozen: jobs written today are read by every later version. It is listed in
/// Tests/WingmanTests/Payload/ElementFormatTests.swift.
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
