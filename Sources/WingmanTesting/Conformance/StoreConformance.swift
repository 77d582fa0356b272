internal import Wingman

/// What every store has to do, as functions that throw: independent of a test framework and of this package's tests.
///
/// ``checks`` are single situations, each named by what must hold. ``StoreComparison`` drives several stores by the same
/// random sequences of operations. Both call nothing but ``Wingman/Store`` and ``StoreFixture``.
public enum StoreConformance {
    /// One situation and what must hold in it.
    public struct Check: Sendable, CustomStringConvertible {
        /// What must hold, as a sentence.
        public let name: String
        let body: @Sendable (Bench) async throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (Bench) async throws -> Void) {
            self.name = name
            self.body = body
        }

        /// The name.
        public var description: String { self.name }

        /// Empties the store and runs the check on it.
        ///
        /// - Throws: ``ConformanceFailure`` if the store does not do what it must; what the store or the fixture threw.
        public func run(on fixture: some StoreFixture) async throws {
            try await fixture.reset()
            let store = try await fixture.open()
            let result: Result<Void, any Error>
            do {
                try await self.body(Bench(fixture: fixture, store: store))
                result = .success(())
            } catch let failure as ConformanceFailure {
                result = .failure(failure.of(self.name, at: store.location))
            } catch {
                result = .failure(ConformanceFailure("threw \(error)").of(self.name, at: store.location))
            }
            await store.close()
            try result.get()
        }
    }

    /// All checks, by subject.
    public static var checks: [Check] {
        self.pushing + self.claiming + self.steps + self.settling + self.givingBack + self.lives + self.graces
            + self.leaving + self.rescuing + self.due + self.waiting + self.coordination + self.effects + self.keys
            + self.changes + self.departures + self.suspects + self.operation + self.promises
    }
}

/// A store does not do what it must.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    /// What was expected, and what was found.
    public var message: String
    /// Which check, on which store; nil outside of one.
    public var check: String?
    /// Where in the suite.
    public var place: String

    init(_ message: String, file: String = #fileID, line: Int = #line) {
        self.message = message
        self.place = "\(file):\(line)"
    }

    func of(_ check: String, at location: String) -> ConformanceFailure {
        var failure = self
        failure.check = "\(check) (\(location))"
        return failure
    }

    /// Check, place and message.
    public var description: String {
        (self.check.map { "\($0)\n" } ?? "") + "\(self.place): \(self.message)"
    }
}

/// Fails the check unless `condition` holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String, file: String = #fileID, line: Int = #line) throws {
    guard !condition else { return }
    throw ConformanceFailure(message(), file: file, line: line)
}

/// Fails the check unless both are equal.
func expect<Value: Equatable>(
    _ what: String,
    _ found: Value,
    is expected: Value,
    file: String = #fileID,
    line: Int = #line
) throws {
    guard found != expected else { return }
    throw ConformanceFailure("\(what): expected \(expected), found \(found)", file: file, line: line)
}
