internal import CHiredis

/// Writes a command by hiredis' own formatter. Connections do not use it: ``RedisCommand`` writes the same bytes faster.
/// It is here as the proof of both: the tests compare the bytes, `hiredis-bench` compares the times.
package enum ReferenceFormatter {
    /// The command in RESP; nil when hiredis has no memory for it.
    package static func format(_ arguments: [[UInt8]]) -> [UInt8]? {
        var lengths = arguments.map(\.count)
        // One buffer for all, so that there is one stable address for each argument while hiredis reads them.
        let joined = arguments.flatMap { $0 }.map { CChar(bitPattern: $0) }
        return joined.withUnsafeBufferPointer { joined in
            var starts: [UnsafePointer<CChar>?] = []
            var offset = 0
            for length in lengths {
                starts.append(joined.baseAddress.map { $0 + offset })
                offset += length
            }
            return Self.format(&starts, &lengths) { [UInt8]($0) }
        }
    }

    /// The form for `hiredis-bench`: the pointers are there already, as they would be in a program in C.
    package static func format<Value>(
        _ starts: inout [UnsafePointer<CChar>?],
        _ lengths: inout [Int],
        _ body: (UnsafeRawBufferPointer) -> Value
    ) -> Value? {
        var text: UnsafeMutablePointer<CChar>?
        let length = Int(redisFormatCommandArgv(&text, Int32(clamping: starts.count), &starts, &lengths))
        guard length >= 0, let text else { return nil }
        defer { redisFreeCommand(text) }
        return body(UnsafeRawBufferPointer(start: text, count: length))
    }
}
