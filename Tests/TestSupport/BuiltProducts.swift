internal import Foundation

/// Finds the executables of this package that were built beside the running test bundle.
public enum BuiltProducts {
    /// The path of an executable, such as `wingman-load`.
    ///
    /// `WINGMAN_PRODUCTS` names another directory, to try the tests on another build or on a stand-in.
    ///
    /// - Throws: `TestSupportError.missing` when it has not been built; `swift build --build-tests` builds it.
    public static func path(_ name: String) throws -> String {
        let bundle = URL(fileURLWithPath: CommandLine.arguments.first ?? "").resolvingSymlinksInPath()
        let other = ProcessInfo.processInfo.environment["WINGMAN_PRODUCTS"].map { path in URL(fileURLWithPath: path) }
        let path = (other ?? bundle.deletingLastPathComponent()).appendingPathComponent(name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestSupportError.missing("\(path) has not been built: run swift build --build-tests first")
        }
        return path
    }
}

/// Finds files that belong to the sources of the tests, such as scripts.
public enum SourceFiles {
    /// The path of a file beside the source that asks for it.
    ///
    /// - Throws: `TestSupportError.missing` when there is none.
    public static func path(_ relative: String, beside source: String = #filePath) throws -> String {
        let path = URL(fileURLWithPath: source).deletingLastPathComponent().appendingPathComponent(relative).path
        guard FileManager.default.fileExists(atPath: path) else {
            throw TestSupportError.missing("\(path) does not exist")
        }
        return path
    }
}
