/// The job types a program knows, in the order written.
public struct JobList: Sendable {
    var definitions: [JobDefinition]

    /// No jobs.
    public init() {
        self.definitions = []
    }

    /// The jobs named in `content`, one type a line.
    public init(@JobListBuilder _ content: () -> JobList) {
        self = content()
    }

    init(definitions: [JobDefinition]) {
        self.definitions = definitions
    }
}

/// Lets a list of job types be written one a line: `Thumbnail.self`.
@resultBuilder
public enum JobListBuilder {
    /// One job type.
    public static func buildExpression<J: Job>(_ type: J.Type) -> JobList {
        JobList(definitions: [JobDefinition(type)])
    }

    /// A list made elsewhere.
    public static func buildExpression(_ list: JobList) -> JobList { list }

    /// All lines.
    public static func buildBlock(_ lists: JobList...) -> JobList {
        JobList(definitions: lists.flatMap(\.definitions))
    }

    /// An `if` without `else`.
    public static func buildOptional(_ list: JobList?) -> JobList { list ?? JobList() }

    /// The first branch of an `if`.
    public static func buildEither(first list: JobList) -> JobList { list }

    /// The other branch of an `if`.
    public static func buildEither(second list: JobList) -> JobList { list }
}

/// A job type with its type erased: what the processors need of it.
struct JobDefinition: Sendable {
    let name: String
    let aliases: [String]
    let options: JobOptions
    let typeName: String
    /// Decodes the arguments, and says why they do not fit the type.
    let check: @Sendable (ArraySlice<UInt8>) throws -> Void
    /// Decodes the arguments and performs the job.
    let perform: @Sendable (JobPayload, JobContext) async throws -> Void
    let retry: @Sendable (any Error, Int) -> RetryChoice
    let exhausted: @Sendable (JobContext, any Error) async -> Void

    init<J: Job>(_ type: J.Type) {
        self.name = J.name
        self.aliases = J.aliases
        self.options = J.options
        self.typeName = String(reflecting: J.self)
        self.check = { arguments in _ = try JobArguments.decode(J.self, from: arguments) }
        self.perform = { payload, context in
            let job = try JobArguments.decode(J.self, from: payload.arguments)
            try await job.perform(context)
        }
        self.retry = { error, count in J.retry(after: error, retryCount: count) }
        self.exhausted = { context, error in await J.exhausted(context, error: error) }
    }
}

/// Finds a job type by the `class` of a payload; types are found here only, never by a name in data.
struct JobRegistry: Sendable {
    private let byName: [String: JobDefinition]

    /// Indexes `list` by name and alias.
    ///
    /// - Throws: ``ConfigurationError`` listing every name that two types claim.
    init(_ list: JobList) throws {
        var byName: [String: JobDefinition] = [:]
        var faults: [String] = []
        for definition in list.definitions {
            // An alias that repeats the type's own name is harmless.
            for name in Set([definition.name] + definition.aliases).sorted() {
                if let other = byName[name] { faults.append(Self.clash(name, other, definition)) }
                if name.isEmpty { faults.append("\(definition.typeName): a job's name must not be empty") }
                byName[name] = definition
            }
        }
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        self.byName = byName
    }

    private static func clash(_ name: String, _ one: JobDefinition, _ other: JobDefinition) -> String {
        one.typeName == other.typeName
            ? "job \(one.typeName) is listed twice: list it once"
            : "job name \"\(name)\" is claimed by \(one.typeName) and \(other.typeName): "
                + "give one of them another `static let name`"
    }

    subscript(name: String) -> JobDefinition? { self.byName[name] }

    var names: [String] { self.byName.keys.sorted() }
}
