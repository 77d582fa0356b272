import Testing

@testable import Supervision

@Suite("The order of siblings")
struct StartOrderTests {
    /// `"c<a,b"` is c, which comes after a and b.
    private static func order(_ list: String) -> StartOrder {
        StartOrder(
            list.split(separator: " ").map { word in
                let parts = word.split(separator: "<")
                let after = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
                return StartOrder.Member(name: String(parts[0]), after: after)
            }
        )
    }

    private static func names(_ list: String) -> String {
        let words = list.split(separator: " ").map { $0.prefix { $0 != "<" } }
        return Self.order(list).indices.map { words[$0] }.joined(separator: " ")
    }

    @Test(
        "is the declared one, except that each comes after those it names",
        arguments: [
            ("a b c", "a b c"),
            ("", ""),
            ("a<c b c", "b c a"),
            ("a<b b<c c", "c b a"),
            ("web<store,cache cache<store store log", "store cache web log"),
            ("a b<a c<b", "a b c"),
            ("a<c b<c c d", "c a b d"),
            ("a<nobody b", "a b"),
        ]
    )
    func order(_ list: String, _ expected: String) {
        #expect(Self.names(list) == expected)
        #expect(Self.order(list).cycles.isEmpty)
    }

    @Test(
        "names every cycle once, and still holds everybody",
        arguments: [
            ("a<a", [["a", "a"]]),
            ("a<b b<a", [["a", "b", "a"]]),
            ("x<a a<b b<c c<a y", [["a", "b", "c", "a"]]),
            ("a<b b<a c<d d<c", [["a", "b", "a"], ["c", "d", "c"]]),
            ("a<b,c b<a c<a", [["a", "b", "a"], ["a", "c", "a"]]),
        ]
    )
    func cycles(_ list: String, _ expected: [[String]]) {
        let order = Self.order(list)
        #expect(order.cycles.first == expected.first)
        #expect(order.cycles.count <= expected.count)
        #expect(order.indices.sorted() == Array(0..<list.split(separator: " ").count))
    }

    @Test("of a thousand siblings, each after the one declared next, is their reverse")
    func long() {
        let members = (0..<1_000).map { StartOrder.Member(name: "\($0)", after: $0 < 999 ? ["\($0 + 1)"] : []) }
        #expect(StartOrder(members).indices == Array((0..<1_000).reversed()))
    }
}
