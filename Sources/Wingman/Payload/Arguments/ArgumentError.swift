/// Why a value cannot become a job's arguments, or arguments cannot become a value.
///
/// It names the position, the property, what was expected and what kind of JSON was found; it never holds the value
/// found, which is private and may be hostile.
public struct ArgumentError: Error, Hashable, Sendable {
    /// What kind of fault it is.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        /// The arguments are not a JSON array.
        public static let notAnArray = Code(name: "notAnArray")

        /// There are more arguments than the job has properties.
        public static let tooMany = Code(name: "tooMany")

        /// There is no argument for a property that is not optional, or a nested object has no such member.
        public static let missing = Code(name: "missing")

        /// An argument is of another JSON type than its property needs.
        public static let wrongType = Code(name: "wrongType")

        /// An argument has the right JSON type, but its value is none that the property's type takes.
        public static let notAccepted = Code(name: "notAccepted")

        /// A property's value has no JSON form.
        public static let notEncodable = Code(name: "notEncodable")

        /// The job's type cannot be laid out as positional arguments, or not always alike.
        public static let unsuitableType = Code(name: "unsuitableType")

        /// The name of the code, as in `ArgumentError.Code.wrongType`.
        public var description: String { self.name }
    }

    /// What kind of fault it is.
    public let code: Code

    /// The argument it is about, counted from 0; nil when it is about all of them.
    public let position: Int?

    /// The property it is about, with the way into it: `address.lines[2]`.
    public let property: String?

    /// What is wrong, for people.
    public let message: String
}

extension ArgumentError: CustomStringConvertible {
    /// Where it is wrong and what.
    public var description: String {
        let argument = self.position.map { "Argument \($0) (the \(Self.ordinal($0 + 1)))" }
        switch (argument, self.property) {
        case (let argument?, let property?): return "\(argument), property \"\(property)\": \(self.message)."
        case (let argument?, nil): return "\(argument): \(self.message)."
        case (nil, let property?): return "Property \"\(property)\": \(self.message)."
        case (nil, nil): return "The arguments: \(self.message)."
        }
    }

    private static func ordinal(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (_, 11...13): "\(number)th"
        case (1, _): "\(number)st"
        case (2, _): "\(number)nd"
        case (3, _): "\(number)rd"
        default: "\(number)th"
        }
    }
}

/// The way to a value inside a job: the position of its argument, and the coding keys from the property inwards.
///
/// The property is apart from the rest, so that the path to an argument, which every one of them has, allocates nothing.
struct ArgumentPath {
    /// Containers around the value: the payload and its `args` are two more.
    static let maximumCount = JSONScanner.maximumDepth - 2

    private var position: Int?
    private var head: (any CodingKey)?
    private var tail: [any CodingKey] = []

    /// The way to all arguments.
    init() {}

    /// The way to a property; the position is nil for a member of the payload.
    init(position: Int?, property: any CodingKey) {
        self.position = position
        self.head = property
    }

    func appending(_ key: any CodingKey) -> Self {
        var path = self
        if self.head == nil { path.head = key } else { path.tail.append(key) }
        return path
    }

    var keys: [any CodingKey] { self.head.map { [$0] + self.tail } ?? [] }

    /// Whether a value here would be nested deeper than a payload may be.
    var isTooLong: Bool { self.tail.count >= Self.maximumCount }

    /// The keys as people write them: `address.lines[2]`; nil for a path that leads nowhere.
    private var property: String? {
        var text = ""
        for key in self.keys {
            if let index = key.intValue, key is ElementIndex {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text.isEmpty ? nil : text
    }

    func error(_ code: ArgumentError.Code, _ message: String) -> ArgumentError {
        ArgumentError(code: code, position: self.position, property: self.property, message: message)
    }

    /// What user code threw, without its text: it may quote the value.
    func wrap(_ error: any Error, _ code: ArgumentError.Code, _ message: @autoclosure () -> String) -> ArgumentError {
        error as? ArgumentError ?? self.error(code, message())
    }
}

/// The coding key of an element of an array.
struct ElementIndex: CodingKey {
    let intValue: Int?

    init(_ index: Int) { self.intValue = index }

    init(intValue: Int) { self.intValue = intValue }

    init?(stringValue: String) {
        guard let index = Int(stringValue) else { return nil }
        self.intValue = index
    }

    var stringValue: String { self.intValue.map { "\($0)" } ?? "" }
}

/// The coding key under which a superclass codes itself.
enum SuperKey: String, CodingKey {
    case `super`
}
