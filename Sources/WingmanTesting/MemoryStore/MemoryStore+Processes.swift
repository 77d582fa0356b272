public import Wingman

/// A process's life, and what is decided once among many. The calls are documented in ``Wingman/Store``.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension MemoryStore {
    public func beat(_ beat: Beat) async throws -> BeatReply {
        self.memory.change { $0.beat(beat) }
    }

    public func leave(_ process: ProcessID) async throws -> Bool {
        self.memory.change { $0.leave(process) }
    }

    public func abandon(_ process: ProcessID) async throws {
        self.memory.change { $0.abandon(process) }
    }

    public func rescue() async throws -> RescueReply {
        self.memory.change { $0.rescue() }
    }

    public func isolate(_ token: Token?, process: ProcessID) async throws -> Bool {
        self.memory.change { $0.isolate(token, process) }
    }

    public func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int? {
        self.memory.change { $0.lead(role, process, for: duration) }
    }

    public func resign(_ role: String, process: ProcessID) async throws {
        self.memory.change { $0.resign(role, process) }
    }

    public func processes() async throws -> [ProcessReport] {
        self.memory.read { state in
            state.published.values.map(\.report).sorted { $0.process.rawValue < $1.process.rawValue }
        }
    }

    public func signal(_ process: ProcessID, _ signal: String) async throws {
        self.memory.change { $0.signal(process, signal) }
    }
}
