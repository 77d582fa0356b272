/// Why an execution failed, in the words that are kept with the job.
struct Failure: Sendable {
    let error: any Error
    /// The job itself asked for the dead set.
    let kills: Bool

    init(_ error: any Error, kills: Bool = false) {
        self.error = error
        self.kills = kills
    }

    /// The name of the error's type: Sidekiq's `error_class`.
    var typeName: String { String(describing: type(of: self.error)) }

    /// What the error says: Sidekiq's `error_message`.
    var message: String { String(describing: self.error) }

    /// The lines kept when the job wants a backtrace. Swift errors carry no call stack; an error that knows more says
    /// it by ``BacktraceProviding``, others are described in full.
    var backtrace: [String] {
        if let error = self.error as? any BacktraceProviding { return error.backtraceLines }
        return String(reflecting: self.error).split(separator: "\n").map(String.init)
    }
}

/// An error that knows where it came from. Swift's errors carry no call stack of their own.
public protocol BacktraceProviding: Error {
    /// One line a frame, innermost first; kept as `error_backtrace` with jobs whose options ask for it.
    var backtraceLines: [String] { get }
}

/// A job of a class this program does not know. It is retried like any failure (a newer program may know it), and never
/// dropped.
struct UnknownJobClass: Error, CustomStringConvertible {
    let name: String
    let known: [String]

    var description: String {
        let list = self.known.isEmpty ? "none" : self.known.joined(separator: ", ")
        return
            "no job type is named \"\(self.name)\" here (known: \(list)): add the type to `jobs`, or its old name to "
            + "the `aliases` of the type that took over"
    }
}

/// A job that took longer than its timeout.
struct JobTimeout: Error, CustomStringConvertible {
    let limit: Duration

    var description: String { "the job took longer than its timeout of \(self.limit.inSeconds) s and was cancelled" }
}

/// A job that chose to die.
struct JobKilled: Error, CustomStringConvertible {
    let reason: String

    var description: String { self.reason }
}

/// What is kept of bytes that are not a job.
enum Malformed {
    private static let whitespace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]

    /// Bytes that are no JSON go to the dead set as they are, as in Sidekiq. JSON that is no object makes Sidekiq's page
    /// fail whole ("500" on /morgue, tried with 6.4.1), so it is kept as a JSON string, which the page shows. An object
    /// that lacks `class` or `args` is shown by the page and kept as it is.
    static func keep(_ bytes: [UInt8]) -> [UInt8] {
        guard let first = bytes.first(where: { !Self.whitespace.contains($0) }), first != UInt8(ascii: "{") else {
            return bytes
        }
        guard (try? JSONText.validate(bytes)) != nil, first != UInt8(ascii: "\"") else { return bytes }
        var writer = JSONWriter()
        writer.string(String(decoding: bytes, as: UTF8.self))
        return writer.bytes
    }
}
