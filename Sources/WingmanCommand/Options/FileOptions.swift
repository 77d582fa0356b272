import Configuration
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Options of plugins from a JSON file: `{"plugins":{"scheduler":{"catchUp":"all"}}}`.
struct FileOptions: OptionSource {
    private let path: String
    private let contents: Contents?
    /// Why the file cannot be used.
    private let fault: String?

    private struct Contents {
        let snapshot: JSONSnapshot
        let outline: FileOutline
    }

    /// Reads the file at `path`. What is wrong with it is told with the faults of the program.
    init(path: String) {
        self.path = path
        let contents = try? Self.read(path)
        self.contents = contents
        // Not the error: it may quote the text, which may hold a secret.
        let isThere = FileManager.default.isReadableFile(atPath: path)
        self.fault =
            if contents != nil {
                nil
            } else if isThere {
                "\(path): it must be a JSON object such as {\"plugins\":{\"scheduler\":{…}}}, without null"
            } else {
                "\(path): there is no such file, or it may not be read"
            }
    }

    private static func read(_ path: String) throws -> Contents {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        return Contents(
            snapshot: try JSONSnapshot(data: bytes.span.bytes, providerName: path, parsingOptions: .default),
            outline: try FileOutline(bytes)
        )
    }

    func value(of option: String, plugin: String, as kind: OptionContent.Kind) throws -> OptionContent? {
        let key = AbsoluteConfigKey([Self.root, plugin, option])
        let found = try self.contents?.snapshot.value(forKey: key, type: ConfigType(kind))
        return found?.value.flatMap { OptionContent($0.content) }
    }

    func spelling(of option: String, plugin: String) -> String {
        "\(Self.root).\(plugin).\(option) of \(self.path)"
    }

    func faults(knowing plugins: [(name: String, options: [String])]) -> [String] {
        if let fault { return [fault] }
        guard let outline = self.contents?.outline else { return [] }
        let members = outline.members.filter { $0 != Self.root }.map { member in
            "\(self.path): no such setting as \"\(member)\"" + Suggestion.didYouMean(member, among: [Self.root])
        }
        return members + outline.plugins.flatMap { name, options in
            guard let plugin = plugins.first(where: { $0.name == name }) else {
                return [
                    "\(self.path): no plugin \"\(name)\" is listed" + Suggestion.didYouMean(name, among: plugins.map(\.name))
                ]
            }
            return options.filter { !plugin.options.contains($0) }.map { option in
                "\(self.path): plugin \(name) has no option \"\(option)\""
                    + Suggestion.didYouMean(option, among: plugin.options)
            }
        }
    }

    fileprivate static let root = "plugins"
}

/// The names in a configuration file, without the values.
private struct FileOutline {
    /// Those at the top, sorted.
    var members: [String] = []
    /// Those of plugins, each with those of its options, sorted.
    var plugins: [(name: String, options: [String])] = []

    init() {}

    init(_ bytes: [UInt8]) throws {
        let top = try JSONObjectView(bytes)
        self.members = top.names
        guard let root = top.value(of: FileOptions.root) else { return }
        let plugins = try JSONObjectView(Array(root))
        for name in plugins.names {
            let options = try plugins.value(of: name).map { try JSONObjectView(Array($0)) }
            self.plugins.append((name, options?.names ?? []))
        }
    }
}
