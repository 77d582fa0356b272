import Testing

@testable import Wingman

@Suite("A type that would shift its arguments is refused at its first push")
struct ArgumentShapeTests {
    private func refusal(_ job: some Codable) -> ArgumentError? {
        let error = #expect(throws: ArgumentError.self) { try JobArguments.encode(job) }
        #expect(error?.code == .unsuitableType)
        return error
    }

    struct HasConstant: Codable {
        var first: Int
        let version = 2
        var last: String

        init(first: Int, last: String) {
            self.first = first
            self.last = last
        }

        // What the compiler would write, without its warning that the constant is never read.
        enum CodingKeys: CodingKey { case first, version, last }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.first = try container.decode(Int.self, forKey: .first)
            self.last = try container.decode(String.self, forKey: .last)
        }
    }

    @Test("A constant with a default value is written but never read")
    func constant() {
        let error = self.refusal(HasConstant(first: 1, last: "x"))
        #expect(error?.property == "version")
        #expect(error?.position == 1)
        #expect(error?.message.contains("never read") == true)
    }

    struct SkipsNil: Codable {
        var first: Int
        var middle: Int?
        var last: Int

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(self.first, forKey: .first)
            if let middle { try container.encode(middle, forKey: .middle) }
            try container.encode(self.last, forKey: .last)
        }
    }

    @Test("A hand-written `if let` is refused when it skips a nil at the first push")
    func skippedNil() {
        let error = self.refusal(SkipsNil(first: 1, middle: nil, last: 3))
        #expect(error?.property == "middle")
        #expect(error?.message.contains("if let") == true)
    }

    struct SkipsNilLater: Codable {
        var first: Int
        var last: Int?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(self.first, forKey: .first)
            if let last { try container.encode(last, forKey: .last) }
        }
    }

    @Test("A hand-written `if let` is refused when it skips a nil at a later push")
    func skippedNilLater() throws {
        #expect(try JobArguments.encode(SkipsNilLater(first: 1, last: 2)) == Array("[1,2]".utf8))
        let error = self.refusal(SkipsNilLater(first: 1, last: nil))
        #expect(error?.property == "last")
        #expect(error?.position == 1)
    }

    struct OtherOrder: Codable {
        var first: Int
        var last: Int

        init(first: Int, last: Int) {
            self.first = first
            self.last = last
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.last = try container.decode(Int.self, forKey: .last)
            self.first = try container.decode(Int.self, forKey: .first)
        }
    }

    @Test("Reading in another order than writing is refused")
    func otherOrder() {
        let error = self.refusal(OtherOrder(first: 1, last: 1))
        #expect(error?.message.contains("first, last") == true)
        #expect(error?.message.contains("last, first") == true)
    }

    struct OneWay: Codable {
        struct Lossy: Codable {
            var number: Int

            init(number: Int) { self.number = number }

            init(from decoder: any Decoder) throws {
                self.number = try decoder.singleValueContainer().decode(Int.self) / 10
            }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.singleValueContainer()
                try container.encode(self.number)
            }
        }

        var value: Lossy
    }

    @Test("A property whose type does not read what it writes is refused")
    func oneWay() {
        #expect(self.refusal(OneWay(value: .init(number: 15)))?.property == "value")
    }

    enum Raw: String, Codable { case one }
    enum Associated: Codable { case one(Int) }

    class Base: Codable { var base = 1 }

    final class Derived: Base {
        var own = 2

        override init() { super.init() }

        enum CodingKeys: CodingKey { case own }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.own = try container.decode(Int.self, forKey: .own)
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(self.own, forKey: .own)
            try super.encode(to: container.superEncoder())
        }
    }

    @Test("Enums, single values, arrays and subclasses are no jobs, and are told why")
    func noStructs() {
        #expect(self.refusal(Raw.one)?.message.contains("one value") == true)
        #expect(self.refusal(Associated.one(1))?.message.contains("enum") == true)
        #expect(self.refusal(7)?.message.contains("one value") == true)
        #expect(self.refusal([7])?.message.contains("array") == true)
        #expect(self.refusal(Derived())?.message.contains("superclass") == true)
        for json in ["[]", "[1]", #"["one"]"#] {
            let bytes = Array(json.utf8)
            #expect(throws: ArgumentError.self) { try JobArguments.decode(Raw.self, from: bytes[...]) }
            #expect(throws: ArgumentError.self) { try JobArguments.decode(Associated.self, from: bytes[...]) }
            #expect(throws: ArgumentError.self) { try JobArguments.decode([Int].self, from: bytes[...]) }
        }
    }

    struct HasSet: Codable {
        var names: Set<String>
        var groups: [Raw: Set<Int>]
    }

    @Test("A set, whose order is another each time, is not refused")
    func sets() throws {
        let names = Set((0..<100).map { "name \($0)" })
        let arguments = try JobArguments.encode(HasSet(names: names, groups: [.one: Set(0..<100)]))
        let job = try JobArguments.decode(HasSet.self, from: arguments[...])
        #expect(job.names == names)
        #expect(job.groups == [.one: Set(0..<100)])
    }

    struct ReadsLeniently: Codable, Equatable {
        var count: Int
        var note: String

        init(count: Int, note: String) {
            self.count = count
            self.note = note
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.count = try container.decode(Int.self, forKey: .count)
            self.note = container.contains(.note) ? try container.decode(String.self, forKey: .note) : "none"
        }
    }

    @Test("A hand-written init that only supplies a default is fine")
    func lenient() throws {
        #expect(try JobArguments.encode(ReadsLeniently(count: 1, note: "a")) == Array(#"[1,"a"]"#.utf8))
        let job = try JobArguments.decode(ReadsLeniently.self, from: Array("[1]".utf8)[...])
        #expect(job == ReadsLeniently(count: 1, note: "none"))
    }
}
