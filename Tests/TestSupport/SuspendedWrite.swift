internal import Foundation

extension ChildProcess {
    /// Suspends the process in the middle of a write to an SQLite file, or outside of any: in the middle nobody else can write
    /// to that file before the process goes on.
    ///
    /// It is suspended and let go on again until it stands where it should; one that never writes is not met inside.
    public func freeze(insideWrite: Bool) async throws {
        let place = insideWrite ? "inside" : "outside of"
        try await eventually("the process to stand still \(place) a write") {
            self.signal(.freeze)
            while !self.standsStill {
                guard self.isRunning else { throw TestSupportError.process("\(self.command) ended") }
                await Task.yield()
            }
            if self.holdsWriteLock == insideWrite { return true }
            self.signal(.resume)
            return false
        }
    }

    private var standsStill: Bool {
        let fields = try? String(contentsOfFile: "/proc/\(self.pid)/stat", encoding: .utf8).split(separator: ")").last
        return fields?.dropFirst().first == "T"
    }

    /// Whether it holds the lock of SQLite's one writer: byte 120 of a file beside the store's.
    private var holdsWriteLock: Bool {
        let locks = (try? String(contentsOfFile: "/proc/locks", encoding: .utf8)) ?? ""
        return locks.split(separator: "\n").contains { line in
            let words = line.split(separator: " ")
            return words.contains("WRITE") && words.contains("\(self.pid)") && words.suffix(2).contains("120")
        }
    }
}
