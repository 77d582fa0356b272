import Foundation
import StoreTestSupport
import TestSupport
import Testing
import Wingman

@testable import WingmanSQLite

/// What a victim (`sqlite-bench victim`) said that the store had acknowledged.
struct Acknowledged {
    var pushed: Set<String> = []
    var retried: Set<String> = []
    var done: Set<String> = []
    /// May be done: the victim asked for it.
    var settling: Set<String> = []

    /// Takes a line in; a last one without its end, of a victim that was killed, is none.
    mutating func take(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count == 2 else { return }
        switch words[0] {
        case "pushed": self.pushed.insert(String(words[1]))
        case "retried": self.retried.insert(String(words[1]))
        case "settling": self.settling.insert(String(words[1]))
        case "done": self.done.insert(String(words[1]))
        default: break
        }
    }

    /// What the file does not keep of it, or keeps twice.
    func faults(in places: [String: [String]]) -> [String] {
        var found: [String: [String]] = [:]
        for (place, jobs) in places { for job in jobs { found[job, default: []].append(place) } }
        var faults: [String] = []
        for (job, places) in found where places.count > 1 { faults.append("\(job) is in \(places)") }
        for job in self.pushed.subtracting(self.settling) where found[job] == nil {
            faults.append("\(job) was accepted and is lost")
        }
        for job in self.done where found[job] != nil { faults.append("\(job) was done and is in \(found[job] ?? [])") }
        for job in self.retried where found[job] != ["timed"] {
            faults.append("\(job) went to the retry set and is in \(found[job] ?? [])")
        }
        return faults
    }
}

extension Transaction {
    /// The names of all jobs by table.
    func jobNames() throws -> [String: [String]] {
        func name(_ payload: [UInt8]) -> String {
            String(decoding: payload.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        }
        return [
            "jobs": try self.database.rows("SELECT payload FROM jobs") { name($0.bytes(0)) },
            "held": try self.database.rows("SELECT payload FROM held") { name($0.bytes(0)) },
            "timed": try self.database.rows("SELECT payload FROM timed") { name($0.bytes(0)) },
        ]
    }
}

@Suite("Killed processes")
struct KillTests {
    @Test("A process that is killed at any moment loses nothing that was acknowledged")
    func kills() async throws {
        let directory = try TemporaryDirectory("sqlite-kill")
        defer { directory.remove() }
        let url = "sqlite:\(directory.file("store.db"))"
        let program = try BuiltProducts.path("sqlite-bench")
        var known = Acknowledged()
        for round in 0..<10 {
            let victim = try await ChildProcess.start(program, ["victim", "\(url)?wal_autocheckpoint=50", "0"])
            // The more has happened, the more states the log has been through.
            let lines = 5 + round * 17
            try await eventually("the victim works") { victim.output.count { $0 == "\n" } >= lines }
            try await victim.kill9()
            _ = try await victim.waitForExit()
            for line in victim.output.split(separator: "\n") { known.take(line) }
            let store = try SQLiteStore(url: "\(url)?check=full", logger: StoreFixture.quiet)
            try await store.open()
            let faults = known.faults(in: try await store.read { try $0.jobNames() })
            #expect(faults == [])
            await store.close()
        }
        #expect(known.pushed.count > 100)
    }
}
