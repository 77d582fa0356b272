import Foundation
import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

/// Power cuts: the writes of a run are recorded by strace; then the disk is put into states that a cut may leave, the
/// store is opened on each, and everything that was acknowledged before the cut has to be there.
///
/// `WINGMAN_CUTS=n` says how many, `WINGMAN_CUT_SEED=n` where they begin.
@Suite("Power cuts")
struct PowerCutTests {
    private static func number(_ name: String, default value: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? value
    }

    private static let strace: String? = ["/usr/bin/strace", "/usr/local/bin/strace"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private struct Finding: CustomStringConvertible {
        var seed: UInt64
        var cut: Int
        var faults: [String]

        var description: String { "seed \(self.seed), cut \(self.cut): \(self.faults.prefix(5))" }
    }

    @Test(
        "With synchronous=full no power cut loses what was acknowledged",
        .enabled(if: PowerCutTests.strace != nil, "needs strace: Scripts/setup test")
    )
    func full() async throws {
        let findings = try await self.cuts(Self.number("WINGMAN_CUTS", default: 1_000), synchronous: "full")
        #expect(findings.isEmpty, "\(findings.prefix(3))")
    }

    @Test(
        "With synchronous=normal a power cut may lose the last moments, but never the file; the recording shows it",
        .enabled(if: PowerCutTests.strace != nil, "needs strace: Scripts/setup test")
    )
    func normal() async throws {
        let findings = try await self.cuts(100, synchronous: "normal")
        #expect(
            findings.contains { $0.faults.contains { $0.hasSuffix("is lost") } },
            "cuts that lose nothing prove nothing"
        )
        #expect(!findings.contains { $0.faults.contains { $0.hasPrefix("the file") } }, "\(findings.prefix(3))")
    }

    private func cuts(_ count: UInt64, synchronous: String) async throws -> [Finding] {
        let directory = try TemporaryDirectory("sqlite-cut")
        defer { directory.remove() }
        let disk = try await self.record(directory, "?synchronous=\(synchronous)&wal_autocheckpoint=60")
        let ready = try #require(
            disk.events.firstIndex { event in
                if case .said("ready") = event { return true }
                return false
            }
        )
        let writes = disk.events.count { event in
            if case .write = event { return true }
            return false
        }
        #expect(writes > 500, "the trace was not understood")
        #expect(disk.said(before: disk.events.count).last == "end")
        let first = Self.number("WINGMAN_CUT_SEED", default: 1)
        var findings: [Finding] = []
        for seed in first..<first + count {
            var generator = SeededGenerator(seed: seed)
            let cut = Int.random(in: ready + 1...disk.events.count, using: &generator)
            let files = disk.files(cutAt: cut, using: &generator)
            let faults = try await self.faults(of: files, said: disk.said(before: cut), from: directory.path)
            if !faults.isEmpty { findings.append(Finding(seed: seed, cut: cut, faults: faults)) }
        }
        return findings
    }

    private func record(_ directory: TemporaryDirectory, _ options: String) async throws -> TracedDisk {
        // The trace beside the traced directory.
        let folder = directory.file("disk")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let trace = directory.file("trace")
        let outcome = try await ChildProcess.run(
            try #require(Self.strace),
            [
                "-f", "-xx", "-s", "1000000", "-o", trace,
                "-e", "trace=openat,close,write,pwrite64,ftruncate,fsync,fdatasync,link,unlink",
                try BuiltProducts.path("sqlite-bench"), "victim", "sqlite:\(folder)/store.db\(options)", "200",
            ]
        )
        #expect(outcome.status == .exited(0), "\(outcome.error)")
        return TracedDisk(trace: try String(contentsOfFile: trace, encoding: .utf8), directory: folder)
    }

    private func faults(of files: [String: [UInt8]], said: [String], from: String) async throws -> [String] {
        let directory = try TemporaryDirectory("sqlite-cut-state")
        defer { directory.remove() }
        for (path, bytes) in files {
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            try TestFile.write(bytes, to: directory.file(name))
        }
        let store = try SQLiteStore(url: "sqlite:\(directory.file("store.db"))?check=full", logger: StoreFixture.quiet)
        do {
            try await store.open()
        } catch {
            await store.close()
            return ["the file cannot be opened: \(error)"]
        }
        var known = Acknowledged()
        for line in said { known.take(line[...]) }
        let (names, finding) = try await store.read { transaction in
            (
                try transaction.jobNames(),
                try transaction.database.row("PRAGMA integrity_check") { $0.text(0) } ?? "no answer"
            )
        }
        await store.close()
        return (finding == "ok" ? [] : ["the file is damaged: \(finding)"]) + known.faults(in: names)
    }
}
