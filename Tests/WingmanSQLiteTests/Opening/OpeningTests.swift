import GRDB
import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("Opening a file")
struct OpeningTests {
    /// What a refused store says; its file must be as it was.
    func refusal(
        _ directory: TemporaryDirectory,
        _ options: String = "",
        host: HostIdentity = .current,
        fileSystem: FileSystem? = nil
    ) async throws -> StoreError {
        let path = directory.file("store.db")
        let before = TextFile.bytes(path)
        let address = try SQLiteAddress(url: "sqlite:\(path)\(options)")
        let store = SQLiteStore(address, host: host, fileSystem: { _ in fileSystem }, logger: StoreFixture.quiet)
        do {
            try await store.open()
        } catch let error as StoreError {
            await store.close()
            #expect(TextFile.bytes(path) == before, "the file was changed")
            return error
        }
        await store.close()
        throw TestSupportError.process("the store was opened")
    }

    func withDirectory(_ body: (TemporaryDirectory) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("sqlite-opening")
        defer { directory.remove() }
        try await body(directory)
    }

    @Test("A new store is made with all directories above it, for its owner only")
    func rights() async throws {
        try await self.withDirectory { directory in
            let path = directory.file("one/two/store.db")
            let store = try SQLiteStore(url: "sqlite:\(path)", logger: StoreFixture.quiet)
            try await store.open()
            try await store.enqueue([PushedJob(queue: "q", payload: bytes("a"))])
            #expect(StoreFile.facts(directory.file("one"))?.permissions == 0o700)
            #expect(StoreFile.facts(directory.file("one/two"))?.permissions == 0o700)
            for suffix in ["", "-wal", "-shm"] { #expect(StoreFile.facts(path + suffix)?.permissions == 0o600) }
            await store.close()
            #expect(StoreFile.facts(path + "-wal") == nil, "the log is moved into the file")
            let again = try SQLiteStore(url: "sqlite:\(path)", logger: StoreFixture.quiet)
            try await again.open()
            #expect(try await again.counts().queues == ["q": 1])
            await again.close()
        }
    }

    @Test(
        "WAL and synchronous are as asked",
        arguments: [("", 2), ("?synchronous=full", 2), ("?synchronous=normal", 1)]
    )
    func durability(options: String, expected: Int) async throws {
        try await StoreFixture.with(options) { fixture in
            let found = try await fixture.store.write { transaction in
                (
                    try transaction.database.row("PRAGMA journal_mode") { $0.text(0) },
                    try transaction.database.row("PRAGMA synchronous") { $0.int(0) },
                    try transaction.database.row("PRAGMA application_id") { $0.int(0) },
                    try transaction.database.row("PRAGMA user_version") { $0.int(0) }
                )
            }
            #expect(found.0 == "wal")
            #expect(found.1 == expected)
            #expect(found.2 == Schema.applicationID)
            #expect(found.3 == Schema.migrations.count)
        }
    }

    @Test("Several objects open a new file at once, and share it")
    func together() async throws {
        try await self.withDirectory { directory in
            let url = "sqlite:\(directory.file("store.db"))"
            let stores = try (0..<8).map { _ in try SQLiteStore(url: url, logger: StoreFixture.quiet) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for store in stores {
                    group.addTask {
                        try await store.open()
                        try await store.enqueue([PushedJob(queue: "q", payload: bytes("a"))])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await stores[0].counts().queues == ["q": 8])
            for store in stores { await store.close() }
        }
    }

    @Test("A database of another program is refused and left as it is")
    func otherProgram() async throws {
        try await self.withDirectory { directory in
            let other = try DatabaseQueue(path: directory.file("store.db"))
            try await other.write { try $0.execute(sql: "CREATE TABLE songs (title TEXT)") }
            try other.close()
            let error = try await self.refusal(directory)
            #expect(error.code == .refused)
            #expect(error.message.contains("another program"))
            #expect(error.message.contains("nothing was changed"))
        }
    }

    @Test("A newer schema is refused; an older one is brought up to date with what it holds")
    func schema() async throws {
        try await self.withDirectory { directory in
            let address = try SQLiteAddress(url: "sqlite:\(directory.file("store.db"))")
            func store(_ migrations: [String]) -> SQLiteStore {
                SQLiteStore(address, migrations: migrations, logger: StoreFixture.quiet)
            }
            let old = store(Schema.migrations)
            try await old.open()
            try await old.enqueue([PushedJob(queue: "q", payload: bytes("a"))])
            await old.close()

            let broken = store(Schema.migrations + ["ALTER TABLE clock ADD COLUMN more INTEGER; SELECT nothing"])
            await #expect(throws: StoreError.self) { try await broken.open() }
            let new = store(Schema.migrations + ["ALTER TABLE clock ADD COLUMN more INTEGER"])
            try await new.open()
            #expect(try await new.counts().queues == ["q": 1])
            await new.close()

            let error = try await self.refusal(directory)
            #expect(error.code == .refused)
            #expect(error.message.contains("version \(Schema.migrations.count + 1)"))
        }
    }

    @Test("A store of which only the writer could be opened leaves no writer behind")
    func readerFails() async throws {
        let directory = try TemporaryDirectory("sqlite")
        defer { directory.remove() }
        let path = directory.file("store.db")
        // The clock is first read when the writer is almost open: then the file gives way to a directory.
        let clock = StoreClock {
            if unlink(path) == 0 { mkdir(path, 0o700) }
            return 1_795_000_000_000_000
        }
        let store = try SQLiteStore(url: "sqlite:\(path)", clock: clock, logger: StoreFixture.quiet)
        await #expect(throws: StoreError.self) { try await store.open() }
        let error = await #expect(throws: StoreError.self) {
            try await store.enqueue([PushedJob(queue: "default", payload: bytes("a"))])
        }
        #expect(error?.message.contains("it is not open") == true)
        await store.close()
    }

    @Test("A network file system is refused, unless the operator knows better")
    func network() async throws {
        try await self.withDirectory { directory in
            let nfs = FileSystem(type: "nfs4", mountPoint: "/mnt/share")
            let error = try await self.refusal(directory, fileSystem: nfs)
            #expect(error.code == .refused)
            #expect(error.message.contains("nfs4") && error.message.contains("/mnt/share"))
            #expect(error.message.contains("network=allow"))
            let address = try SQLiteAddress(url: "sqlite:\(directory.file("store.db"))?network=allow")
            let store = SQLiteStore(address, fileSystem: { _ in nfs }, logger: StoreFixture.quiet)
            try await store.open()
            await store.close()
        }
    }

    @Test("A second host is refused while processes of the first are alive, at opening and at registering")
    func hosts() async throws {
        try await StoreFixture.with { fixture in
            let stranger = HostIdentity(boot: "other boot", machine: "other machine")
            let address = try SQLiteAddress(url: "sqlite:\(fixture.path)")
            func store(_ host: HostIdentity) -> SQLiteStore {
                SQLiteStore(address, clock: fixture.clock.clock, host: host, logger: StoreFixture.quiet)
            }
            let early = store(stranger)
            try await early.open()
            let process = try await fixture.register("here:1:a", lease: .seconds(15))
            await #expect(throws: StoreError.self) {
                _ = try await early.beat(.of(ProcessID(rawValue: "there:1:b"), .register, number: 1))
            }
            await early.close()
            let late = store(stranger)
            let error = await #expect(throws: StoreError.self) { try await late.open() }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("here:1:a") == true)
            await late.close()

            // The same machine after a reboot.
            let again = store(HostIdentity(boot: "other boot", machine: HostIdentity.current.machine + ""))
            if !HostIdentity.current.machine.isEmpty {
                try await again.open()
                await again.close()
            }
            fixture.clock.advance(by: .seconds(16))
            let last = store(stranger)
            try await last.open()
            await last.close()
            _ = process
        }
    }

    @Test("A path that leads nowhere is refused")
    func strangePaths() async throws {
        try await self.withDirectory { directory in
            let inside = try SQLiteStore(url: "sqlite:\(directory.path)", logger: StoreFixture.quiet)
            let one = await #expect(throws: StoreError.self) { try await inside.open() }
            #expect(one?.message.contains("no regular file") == true)
            try TestFile.write([], to: directory.file("file"))
            let below = try SQLiteStore(url: "sqlite:\(directory.file("file/store.db"))", logger: StoreFixture.quiet)
            let two = await #expect(throws: StoreError.self) { try await below.open() }
            #expect(two?.message.contains("not a directory") == true)
            let call = await #expect(throws: StoreError.self) { _ = try await below.counts() }
            #expect(call?.code == .unavailable)
            await below.close()
        }
    }

    @Test(
        "What cannot be written is refused at the start",
        .enabled(if: Tmpfs.isAvailable, "needs root, to mount a tmpfs")
    )
    func readOnly() async throws {
        try await Tmpfs.with(kilobytes: 2_000) { disk in
            let path = disk.directory.file("store.db")
            let store = try SQLiteStore(url: "sqlite:\(path)", logger: StoreFixture.quiet)
            try await store.open()
            await store.close()
            #expect(disk.makeReadOnly())
            let error = try await self.refusal(disk.directory)
            #expect(error.code == .refused)
            #expect(error.message.contains("mounted"))
            let new = try SQLiteStore(url: "sqlite:\(disk.directory.file("new.db"))", logger: StoreFixture.quiet)
            let other = await #expect(throws: StoreError.self) { try await new.open() }
            #expect(other?.code == .refused)
        }
    }
}

enum TestFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw TestSupportError.process("cannot write \(path)") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw TestSupportError.process("cannot write \(path)")
        }
    }
}
