public import Logging
internal import Supervision
internal import Synchronization
public import Wingman

/// The store in a file: nothing to install, several processes on one host.
///
/// One thread writes, with group commit: concurrent calls share a transaction, and are answered after its COMMIT. Another
/// one reads beside it, for what does not change anything. Neither waits for the cooperative pool. Due times and leases
/// are decided by the host's clock, read once in each transaction.
///
/// There is one writer at a time. A process that is suspended inside a write (SIGSTOP, a paused container) holds up all others
/// on the file until it goes on or is killed: jobs that run finish, outcomes are kept and leases are not taken for lost, pushes
/// wait for `busy_timeout` and then fail.
///
/// With `synchronous=full`, the default, what was acknowledged survives a power cut; with `normal`, a killed process.
public final class SQLiteStore: Store {
    /// The URL without options.
    public let location: String

    /// The absolute path of the file; nil in memory. There is a file once ``open()`` has returned.
    public var path: String? { self.opening.file?.path }

    let logger: Logger
    let host: HostIdentity
    /// Tells this object's processes from others'.
    let session = Int.random(in: 1 ... .max)
    let waits: Waits
    private let opening: Opening
    private let time: any Timekeeper
    private let fileSystem: @Sendable (String) -> FileSystem?
    private let writer: DatabaseThread
    private let reader: DatabaseThread
    private let notes = Mutex(Notes())

    private struct Notes {
        /// The terms under which this process leads, by role and process.
        var terms: [String: Int] = [:]
        var hasReader = false
    }

    /// A store at a URL: `sqlite:path`, `sqlite:///absolute/path` or `sqlite::memory:`, with the options `synchronous`
    /// (`full`, `normal`), `busy_timeout` (milliseconds), `wal_autocheckpoint` (pages), `network` (`refuse`, `allow`)
    /// and `check` (`quick`, `full`, `off`).
    ///
    /// - Throws: ``Wingman/StoreError`` saying which part of the URL is wrong.
    public convenience init(url: String, logger: Logger = Logger(label: "wingman.sqlite")) throws {
        try self.init(url: url, clock: .host, logger: logger)
    }

    /// A store whose clock is given: for tests.
    package convenience init(url: String, clock: StoreClock, logger: Logger = Logger(label: "wingman.sqlite")) throws {
        self.init(try SQLiteAddress(url: url), clock: clock, logger: logger)
    }

    init(
        _ address: SQLiteAddress,
        clock: StoreClock = .host,
        host: HostIdentity = .current,
        migrations: [String] = Schema.migrations,
        time: any Timekeeper = TimerThread.shared,
        fileSystem: @escaping @Sendable (String) -> FileSystem? = { FileSystem.of(directory: $0) },
        logger: Logger
    ) {
        self.location = address.location
        self.logger = logger
        self.host = host
        let file = address.path.map(StoreFile.init(path:))
        self.opening = Opening(address: address, file: file, host: host, clock: clock, migrations: migrations)
        self.time = time
        self.fileSystem = fileSystem
        self.writer = DatabaseThread(name: "wingman-write", location: address.location)
        self.reader = DatabaseThread(name: "wingman-read", location: address.location)
        let book = WaitBook()
        let bell = file.map { BellFile(path: $0.bell, isWanted: { !book.isEmpty }, onRing: { book.rung() }) }
        self.waits = Waits(book: book, bell: bell, time: time)
    }

    /// Makes the file if there is none; checks file system, owner, schema, host and content.
    public func open() async throws {
        if let file = self.opening.file {
            try file.makeDirectory()
            if !self.opening.address.allowsNetwork {
                try self.fileSystem(file.directory)?.refuseNetwork(at: file.path)
            }
            for warning in try file.make() {
                self.logger.warning("\(warning)", metadata: ["store": "\(self.location)"])
            }
        }
        let opening = self.opening
        let waits = self.waits
        let time = self.time
        try await self.writer.start {
            GroupCommit(
                connection: try opening.writer(),
                location: opening.address.location,
                clock: opening.clock,
                watch: FileWatch(opening.file, pagesOfLog: opening.address.pagesOfLog, time: time),
                onCommit: { additions in
                    waits.book.added(to: additions.sources)
                    if additions.concernsOthers { waits.bell?.ring() }
                }
            )
        }
        guard opening.file != nil else { return }
        do {
            try await self.reader.start {
                ReadOnly(connection: try opening.reader(), location: opening.address.location, clock: opening.clock)
            }
        } catch {
            // Nobody closes a store that did not open: its thread and its locks would stay as long as the process.
            await self.writer.close()
            throw error
        }
        self.notes.withLock { $0.hasReader = true }
    }

    /// Waits end; calls that were made before are done; then the file is closed.
    public func close() async {
        self.waits.book.close()
        await self.reader.close()
        await self.writer.close()
        self.waits.bell?.close()
    }

    /// Calls the writer. Nothing is answered before the COMMIT.
    func write<Answer: Sendable>(
        _ urgency: CallQueue.Urgency = .life,
        rows: Int = 1,
        _ body: @escaping @Sendable (Transaction) throws -> Answer
    ) async throws(StoreError) -> Answer {
        let session = self.session
        return try await self.writer.call(urgency, rows: rows) { transaction in
            let before = transaction.additions
            let answer = try body(transaction)
            if transaction.additions != before, !transaction.additions.concernsOthers {
                transaction.additions.concernsOthers = try transaction.concernsOthers(session: session)
            }
            return answer
        }
    }

    /// Reads beside the writer; in memory, where there is one connection only, on the writer's thread.
    func read<Answer: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Answer
    ) async throws(StoreError) -> Answer {
        guard self.notes.withLock({ $0.hasReader }) else { return try await self.writer.call(.life, rows: 1, body) }
        return try await self.reader.call(.life, rows: 1, body)
    }

    /// Calls that wait for the writer.
    var waitingCalls: Int { self.writer.waitingCalls }

    func remember(term: Int?, of role: String, _ process: ProcessID) {
        self.notes.withLock { $0.terms["\(role) \(process)"] = term }
    }

    func term(of role: String, _ process: ProcessID) -> Int? {
        self.notes.withLock { $0.terms["\(role) \(process)"] }
    }
}
