/// Finds out whether a type can be laid out as positional arguments, by writing a value, reading it and writing again.
///
/// It catches what would give a property another's argument: a `let` with a default value (written, never read), a
/// hand-written `if let` (skips a nil), an order of reading other than that of writing, enums, superclasses.
enum ArgumentShape {
    /// - Returns: the arguments, and the properties in their order.
    static func check<Job: Codable>(_ job: Job) throws(ArgumentError) -> (arguments: [UInt8], order: [String]) {
        let (arguments, written) = try PositionalEncoder.encode(job, expecting: nil)
        let reading = try PositionalReading(Job.self, arguments[...])
        let copy: Job
        do {
            copy = try PositionalDecoder.decode(Job.self, reading: reading)
        } catch {
            // When the order is what is wrong, the types that do not fit are its consequence.
            try self.compare(written: written, read: reading.order, isComplete: false)
            throw error.code == .unsuitableType
                ? error : .unsuitable(Job.self, because: "what it writes it does not read again (\(error))")
        }
        try self.compare(written: written, read: reading.order, isComplete: true)
        let (again, _) = try PositionalEncoder.encode(copy, expecting: written)
        if again != arguments { try self.compare(arguments, again, order: written) }
        return (arguments, written)
    }

    private static func compare(written: [String], read: [String], isComplete: Bool) throws(ArgumentError) {
        for position in 0..<max(written.count, read.count) {
            let out = position < written.count ? written[position] : nil
            let back = position < read.count ? read[position] : nil
            if out == back || (back == nil && !isComplete) { continue }
            throw self.misplaced(at: position, written: out, read: back, in: written, read)
        }
    }

    private static func misplaced(
        at position: Int,
        written: String?,
        read: String?,
        in allWritten: [String],
        _ allRead: [String]
    ) -> ArgumentError {
        func error(_ name: String, _ message: String) -> ArgumentError {
            ArgumentPath(position: position, property: PropertyKey(stringValue: name)).error(.unsuitableType, message)
        }
        if let read, !allWritten.contains(read) {
            return error(
                read,
                "the property is read but was not written; encode(to:) must write every property at its place, a nil "
                    + "as well (encode, not `if let`)"
            )
        }
        if let written, !allRead.contains(written) {
            return error(
                written,
                "the property is written but never read; make a `let` with a default value a `var` or `static`, or "
                    + "leave it out of CodingKeys"
            )
        }
        return error(
            written ?? read ?? "",
            "the properties are written in the order \(allWritten.joined(separator: ", ")) but read in the order "
                + "\(allRead.joined(separator: ", ")); both must be the same"
        )
    }

    /// Compares argument by argument; there are as many in both, since `order` was enforced in the second.
    private static func compare(_ one: [UInt8], _ other: [UInt8], order: [String]) throws(ArgumentError) {
        let ones = (try? JSONText.elements(of: one, in: one.indices)) ?? []
        let others = (try? JSONText.elements(of: other, in: other.indices)) ?? []
        for (position, (range, otherRange)) in zip(ones, others).enumerated() {
            guard !self.areEqual(one[range], other[otherRange]) else { continue }
            let path = ArgumentPath(position: position, property: PropertyKey(stringValue: order[position]))
            throw path.error(
                .unsuitableType,
                "the value that was read again is written differently; its type must read what it writes"
            )
        }
    }

    /// Arrays and objects may differ in order: a set writes its elements in another one each time, and is not at fault.
    private static func areEqual(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        if one == other { return true }
        guard let kind = one.first.map({ JSONKind(firstByte: $0) }), kind == .array || kind == .object else {
            return false
        }
        return one.sorted() == other.sorted()
    }
}
