import Testing
import WingmanTesting

@Suite("Broken stores")
struct MutantTests {
    @Test("Each is found by a check", arguments: Mutant.all)
    func checks(_ mutant: Mutant) async throws {
        var found: ConformanceFailure?
        for check in StoreConformance.checks where found == nil {
            do {
                try await check.run(on: MutantFixture(mutant))
            } catch let failure as ConformanceFailure {
                found = failure
            }
        }
        #expect(found != nil, "\(mutant) passes the suite")
    }

    @Test("Each is found by random sequences", arguments: Mutant.all.filter { $0.isFoundBySequences })
    func sequences(_ mutant: Mutant) async throws {
        await #expect(throws: ComparisonFailure.self, "\(mutant) survives") {
            try await StoreComparison(MutantFixture(mutant), isShortening: false).run(seeds: 1...40)
        }
    }
}
