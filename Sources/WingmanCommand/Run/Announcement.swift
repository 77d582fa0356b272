import Wingman
import WingmanCommandKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one line that `run` prints at its start.
struct Announcement: Encodable {
    let program: String
    let version: String
    let pid: Int32
    let store: String
    let queues: [String]
    let concurrency: Int

    /// - Parameter store: The store's location, which holds no credentials.
    init(store: String, configuration: ServerConfiguration) {
        self.program = Output.programName
        self.version = Release.version
        self.pid = getpid()
        self.store = store
        let queues = configuration.capsules.flatMap(\.queues)
        self.queues = queues.map { $0.weight == 0 ? $0.name : "\($0.name),\($0.weight)" }
        self.concurrency = configuration.capsules.reduce(0) { $0 + $1.concurrency }
    }

    /// `wingman-demo 0.1.0 (pid 4711): store redis://…, queues default low,2, concurrency 5`.
    var text: String {
        "\(self.program) \(self.version) (pid \(self.pid)): store \(self.store), "
            + "queues \(self.queues.joined(separator: " ")), concurrency \(self.concurrency)"
    }

    func print(asJSON: Bool) throws {
        if asJSON {
            try Output.json(self)
        } else {
            Output.line(self.text)
        }
    }
}
