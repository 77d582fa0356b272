import Foundation
import ServiceLifecycle
import Supervision
import Synchronization
import TestSupport
import Testing

@Suite("The module's articles", .serialized, .timeLimit(.minutes(1)))
struct DocumentationTests {
    private static let articles = ["Supervision", "AWholeTree", "FromCelluloid", "SeeingWhatHappens"]

    private static func read(_ path: String) throws -> [String] {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let text = try String(contentsOf: tests.appendingPathComponent(path), encoding: .utf8)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func article(_ name: String) throws -> [String] {
        try Self.read("../../Sources/Supervision/Documentation.docc/\(name).md")
    }

    /// What stands between a line that `isStart` and one that `isEnd`, as often as there is such a pair.
    private static func blocks(
        of lines: [String],
        from isStart: (String) -> Bool,
        to isEnd: (String) -> Bool
    ) -> [String] {
        var blocks: [String] = []
        var current: [String]?
        for line in lines {
            if let open = current {
                if isEnd(line) {
                    blocks.append(open.joined(separator: "\n"))
                    current = nil
                } else {
                    current = open + [line]
                }
            } else if isStart(line) {
                current = []
            }
        }
        return blocks
    }

    /// The examples of an article in the file that is compiled, without its indentation.
    private static func examples(of article: String) throws -> [String] {
        let blocks = Self.blocks(
            of: try Self.read("DocumentationExamples.swift"),
            from: { $0 == "        // example: \(article)" },
            to: { $0 == "        // end" }
        )
        return blocks.map { block in
            block.split(separator: "\n", omittingEmptySubsequences: false).map { String($0.dropFirst(8)) }
                .joined(separator: "\n")
        }
    }

    @Test("hold exactly the code that is compiled here", arguments: Self.articles)
    func examples(_ name: String) throws {
        let written = Self.blocks(of: try Self.article(name), from: { $0 == "```swift" }, to: { $0 == "```" })
        let compiled = try Self.examples(of: name)
        #expect(!written.isEmpty)
        #expect(written.count == compiled.count)
        for (written, compiled) in zip(written, compiled) { #expect(written == compiled) }
    }

    @Test("are all the articles there are")
    func all() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/Supervision/Documentation.docc")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(files.sorted() == Self.articles.map { "\($0).md" }.sorted())
    }

    @Test("have the tree of the worked example, which runs, as it is drawn there")
    func wholeTree() async throws {
        let drawn = Self.blocks(of: try Self.article("AWholeTree"), from: { $0 == "```" }, to: { $0 == "```" })
        let first = try #require(drawn.first)
        let names = first.split(separator: "\n").map { line in
            line.drop { "│├└─ ".contains($0) }.prefix { $0 != " " }
        }
        let seen = Mutex<[String]>([])
        let run = Task {
            try await DocumentationExamples.wholeTree { root in
                seen.withLock { $0 = Self.names(root.tree()) }
            }
        }
        run.cancel()
        try await run.value
        #expect(seen.withLock { $0 } == names.map(String.init))
    }

    private static func names(_ node: TreeNode) -> [String] {
        [node.name] + node.children.flatMap(Self.names)
    }

    @Test("say what cannot be supervised")
    func trap() throws {
        for name in ["Supervision", "AWholeTree"] {
            let text = try Self.article(name).joined(separator: " ").lowercased()
            #expect(text.contains("what cannot be supervised"))
            #expect(text.contains("`fatalerror`") && text.contains("ends the process"))
        }
    }

    @Test("name every metric, and none that there is not")
    func metrics() throws {
        let source = try Self.read("../../Sources/Supervision/Events/SupervisionMetrics.swift").joined()
        let article = try Self.article("SeeingWhatHappens").joined()
        #expect(Self.metrics(in: article) == Self.metrics(in: source))
        #expect(Self.metrics(in: source).count == 8)
    }

    private static func metrics(in text: String) -> Set<String> {
        Set(text.matches(of: /supervision_[a-z_]+/).map { String($0.output) })
    }

    @Test("have examples that do what they say")
    func behaviour() async throws {
        #expect(DocumentationExamples.after().startOrder.map(\.name) == ["store", "cache", "web"])
        #expect(try await DocumentationExamples.question(ServiceRegistry()) == "delivered a letter")
        let overview = Task { try await DocumentationExamples.overview() }
        overview.cancel()
        try await overview.value
        let requests = AsyncStream.makeStream(of: DocumentationExamples.Request.self)
        requests.continuation.yield(DocumentationExamples.Request(client: "worker", body: "a body"))
        let celluloid = Task { try await DocumentationExamples.fromCelluloid(requests.stream) }
        celluloid.cancel()
        try await celluloid.value
        let time = ManualTime()
        let janitor = Task(executorPreference: time.executor) { try await DocumentationExamples.timers(time) }
        await time.advance(by: .seconds(20))
        janitor.cancel()
        try await janitor.value
        let root = try Supervisor("root") {
            ChildSpecification("mailer") { DocumentationExamples.service() }
        }
        let reader = Task { await DocumentationExamples.events(root) }
        let run = Task { try await DocumentationExamples.exitCode(root) }
        try await root.registry.await("mailer", within: patience)
        root.stop()
        try await run.value
        reader.cancel()
        await reader.value
    }
}
