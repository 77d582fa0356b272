import Foundation
import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

extension OpeningTests {
    /// A file with jobs in it, damaged as asked, and a log beside it that belongs to nothing.
    private func damagedFile(_ kind: String, in directory: TemporaryDirectory) async throws -> [UInt8] {
        let path = directory.file("store.db")
        let store = try SQLiteStore(url: "sqlite:\(path)", logger: StoreFixture.quiet)
        try await store.open()
        try await store.enqueue((0..<500).map { PushedJob(queue: "q", payload: bytes("job \($0)")) })
        await store.close()
        var damaged = try #require(TextFile.bytes(path))
        switch kind {
        case "page":
            // The jobs are on the last pages.
            for index in damaged.count - 8_192..<damaged.count - 4_096 { damaged[index] = UInt8(index & 0xFF) }
        case "beginning": for index in 0..<512 { damaged[index] = 0 }
        default: damaged = bytes("This is no database, but a letter to my aunt.\n")
        }
        try TestFile.write(damaged, to: path)
        try TestFile.write(bytes("log"), to: path + "-wal")
        return damaged
    }

    private func copies(in directory: TemporaryDirectory) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.contains("-damaged-") }
            .filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }

    @Test("A damaged file is found, copied aside once as long as it does not change, and not replaced")
    func damage() async throws {
        try await self.withDirectory { directory in
            var damaged = try await self.damagedFile("page", in: directory)
            let error = try await self.refusal(directory)
            #expect(error.code == .refused)
            let copy = try #require(try self.copies(in: directory).first)
            #expect(error.message.contains("copied to \(directory.file(copy)), with its log"), "\(error.message)")
            #expect(TextFile.bytes(directory.file(copy)) == damaged)
            #expect(StoreFile.facts(directory.file(copy))?.permissions == 0o600)
            for _ in 1...3 {
                let again = try await self.refusal(directory)
                #expect(again.code == .refused)
                #expect(again.message.contains("since it was copied to \(directory.file(copy))"), "\(again.message)")
            }
            #expect(try self.copies(in: directory) == [copy])

            // Somebody tried to mend it: another file, of another size, so another copy, whatever its name is.
            try FileManager.default.moveItem(
                atPath: directory.file(copy),
                toPath: directory.file("store.db-damaged-first")
            )
            damaged += Array(repeating: 0, count: 4_096)
            try TestFile.write(damaged, to: directory.file("store.db"))
            #expect(try await self.refusal(directory).message.contains("It was copied to"))
            #expect(try self.copies(in: directory).count == 2)
        }
    }

    @Test("What does not begin as a database does is refused and left alone", arguments: ["beginning", "text"])
    func noDatabase(kind: String) async throws {
        try await self.withDirectory { directory in
            _ = try await self.damagedFile(kind, in: directory)
            let error = try await self.refusal(directory)
            #expect(error.code == .refused)
            #expect(error.message.contains("no SQLite database") && error.message.contains("left as it is"))
            #expect(try self.copies(in: directory) == [])
        }
    }
}
