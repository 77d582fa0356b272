import Foundation
import Testing
import Wingman

/// What is in `Plugins` is written as strangers have to write it.
@Suite("The sources of the plugins")
struct SourceRulesTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Plugins")

    /// The folders of the plugins.
    private static var folders: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: Self.root.path).sorted() }
    }

    /// The lines of all Swift files of a plugin that are no comments.
    private static func lines(of folder: String) throws -> [String] {
        let directory = Self.root.appendingPathComponent(folder)
        let files = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)
        return try (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }.flatMap { file in
            String(decoding: try Data(contentsOf: file), as: UTF8.self).split(separator: "\n").map(String.init)
        }
        .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
    }

    /// What the words cannot show, calls of what has package access, shows in PackageTests: there they are built outside.
    @Test("use the public surface only: no @testable, no other plugin, no store")
    func publicOnly() throws {
        let modules = try Self.folders.map { "Wingman\($0)" }
        for folder in try Self.folders {
            let others = modules.filter { $0 != "Wingman\(folder)" } + ["WingmanRedis", "WingmanSQLite", "HiredisNIO"]
            let lines = try Self.lines(of: folder)
            #expect(!lines.isEmpty)
            for line in lines {
                let words = line.split { !$0.isLetter && $0 != "@" && $0 != "_" }.map(String.init)
                #expect(!words.contains("@testable") && !words.contains("@_spi"), "\(folder): \(line)")
                if words.contains("import") {
                    #expect(Set(words).isDisjoint(with: others), "\(folder): \(line)")
                }
            }
        }
    }

    @Test("are known to `plugins` as built in, each with a README")
    func builtIn() throws {
        #expect(Set(try Self.folders.map { "Wingman\($0)" }) == PluginOrigin.builtInModules)
        for folder in try Self.folders {
            let readme = Self.root.appendingPathComponent(folder).appendingPathComponent("README.md")
            #expect(FileManager.default.fileExists(atPath: readme.path))
        }
    }

    @Test(
        "the smallest of them, which is the tutorial, has less than sixty lines, and its README quotes it word by word"
    )
    func tutorial() throws {
        let directory = Self.root.appendingPathComponent("QueueLatency")
        let source = String(
            decoding: try Data(contentsOf: directory.appendingPathComponent("QueueLatency.swift")),
            as: UTF8.self
        )
        #expect(source.split(separator: "\n", omittingEmptySubsequences: false).count <= 60)
        let readme = String(
            decoding: try Data(contentsOf: directory.appendingPathComponent("README.md")),
            as: UTF8.self
        )
        // Each block of the README that is the plugin's code is in the source, word by word.
        let blocks = readme.components(separatedBy: "```swift\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        .filter { !$0.contains("PluginList") }
        #expect(blocks.count >= 4)
        for block in blocks { #expect(source.contains(block), "\(block)") }
    }
}
