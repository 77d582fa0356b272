import Testing

@testable import Wingman

@Suite("A portion to read")
struct ReadPortionTests {
    /// The portions asked for where all entries are of one size.
    private func portions(_ number: Int, bytes: Int) -> [Int] {
        var portion = ReadPortion(mostCount: 500, mostBytes: 4 << 20)
        return (0..<number).map { _ in
            defer { portion.came(entries: portion.count, bytes: portion.count * bytes) }
            return portion.count
        }
    }

    @Test("grows while entries are small, up to its limit")
    func small() {
        #expect(self.portions(8, bytes: 200) == [16, 32, 64, 128, 256, 500, 500, 500])
        #expect(self.portions(7, bytes: 0).last == 500)
        #expect(self.portions(4, bytes: 100_000) == [16, 32, 41, 41])
    }

    @Test("is one where each entry is larger than the budget, and grows again behind them")
    func large() {
        #expect(self.portions(3, bytes: 100 << 20) == [16, 1, 1])
        var portion = ReadPortion(mostCount: 500, mostBytes: 4 << 20)
        portion.came(entries: 2, bytes: 200 << 20)
        #expect(portion.count == 1)
        for _ in 1...3 { portion.came(entries: portion.count, bytes: portion.count * 10) }
        #expect(portion.count == 8)
        portion.came(entries: 0, bytes: 0)
        #expect(portion.count == 8)
        #expect(ReadPortion(mostCount: 3, mostBytes: 10).count == 3)
    }
}
