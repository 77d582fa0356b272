import Configuration
import Wingman

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Options of plugins from the environment: `WINGMAN_SCHEDULER_CATCH_UP=all`. An empty variable counts as none.
struct EnvironmentOptions: OptionSource {
    private let provider: EnvironmentVariablesProvider
    private let variables: Set<String>

    /// - Parameter environment: The variables of the process.
    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        let variables = environment.filter { !$0.value.isEmpty }
        self.provider = EnvironmentVariablesProvider(environmentVariables: variables)
        self.variables = Set(variables.keys)
    }

    func value(of option: String, plugin: String, as kind: OptionContent.Kind) throws -> OptionContent? {
        let found = try self.provider.value(forKey: Self.key(plugin, option), type: ConfigType(kind))
        return found.value.flatMap { OptionContent($0.content) }
    }

    func spelling(of option: String, plugin: String) -> String {
        self.spelling(Self.key(plugin, option))
    }

    /// Variables that begin like those of a listed plugin and belong to no option of it. Of two plugins whose names begin
    /// alike (`audit`, `audit-log`) the longer one is meant.
    func faults(knowing plugins: [(name: String, options: [String])]) -> [String] {
        let prefixes = plugins.map { plugin in (plugin, self.spelling(AbsoluteConfigKey(["wingman", plugin.name])) + "_") }
        return self.variables.sorted().compactMap { variable in
            let owner = prefixes.filter { variable.hasPrefix($0.1) }.max { $0.1.count < $1.1.count }
            guard let plugin = owner?.0 else { return nil }
            let known = plugin.options.map { self.spelling(of: $0, plugin: plugin.name) }
            guard !known.contains(variable) else { return nil }
            return "\(variable): plugin \(plugin.name) has no such option" + Suggestion.didYouMean(variable, among: known)
        }
    }

    private func spelling(_ key: AbsoluteConfigKey) -> String {
        // Asked as text: that is what each variable is.
        (try? self.provider.value(forKey: key, type: .string).encodedKey) ?? key.components.joined(separator: ".")
    }

    private static func key(_ plugin: String, _ option: String) -> AbsoluteConfigKey {
        AbsoluteConfigKey(["wingman", plugin, option])
    }
}

extension ConfigType {
    /// The type that swift-configuration has for a kind of option.
    init(_ kind: OptionContent.Kind) {
        switch kind {
        case .text: self = .string
        case .integer: self = .int
        case .number: self = .double
        case .flag: self = .bool
        case .texts: self = .stringArray
        }
    }
}

extension OptionContent {
    /// What swift-configuration found; nil for types that no option has.
    init?(_ content: ConfigContent) {
        switch content {
        case .string(let text): self = .text(text)
        case .int(let number): self = .integer(number)
        case .double(let number): self = .number(number)
        case .bool(let flag): self = .flag(flag)
        case .stringArray(let texts): self = .texts(texts)
        case .bytes, .intArray, .doubleArray, .boolArray, .byteChunkArray: return nil
        }
    }
}
