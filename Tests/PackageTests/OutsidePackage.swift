import Foundation
import TestSupport

/// A package in a folder of its own, built by the package manager as a stranger's would be.
struct OutsidePackage {
    let path: String

    /// Where all of them are built, below this repository's `.build`: what they have in common (SwiftNIO, Wingman itself)
    /// is built once, and is there at the next run.
    static let scratchPath = Self.repository + "/.build/package-tests"

    /// A first build takes minutes.
    private static let buildTime = Duration.seconds(900)

    /// The root of this repository.
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Writes a file of the package.
    func write(_ file: String, _ text: String) throws {
        let url = URL(fileURLWithPath: self.path).appendingPathComponent(file)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// The text of a file of the package.
    func read(_ file: String) throws -> String {
        try String(decoding: Data(contentsOf: URL(fileURLWithPath: "\(self.path)/\(file)")), as: UTF8.self)
    }

    /// Runs `swift` with this package.
    ///
    /// - Throws: If it fails, with all it said.
    @discardableResult
    func swift(_ words: String...) async throws -> String {
        let common = ["--package-path", self.path, "--scratch-path", Self.scratchPath]
        let outcome = try await ChildProcess.run(
            "swift",
            [words[0]] + common + words.dropFirst(),
            within: Self.buildTime
        )
        guard outcome.status == .exited(0) else {
            throw TestSupportError.process("swift \(words) in \(self.path):\n\(outcome.output)\n\(outcome.error)")
        }
        return outcome.output
    }

    /// The path of an executable that was built.
    func executable(_ name: String) -> String { "\(Self.scratchPath)/debug/\(name)" }

    /// The packages it was resolved to, by their identities.
    func resolved() throws -> Set<String> {
        struct Resolved: Decodable {
            struct Pin: Decodable { var identity: String }
            var pins: [Pin]
        }
        let text = try self.read("Package.resolved")
        return Set(try JSONDecoder().decode(Resolved.self, from: Data(text.utf8)).pins.map(\.identity))
    }

    /// The packages that were fetched.
    static func fetched() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: "\(Self.scratchPath)/checkouts").map { $0.lowercased() }
        )
    }
}
