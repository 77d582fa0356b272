import Logging

/// The list of plugins, read once: checked as a list, given its options, configured.
struct PluginRoster {
    /// The lines, in order.
    private(set) var listings: [PluginListing] = []
    /// What those that are on add, in order.
    private(set) var hosts: [PluginHost] = []
    /// What is wrong, a sentence each.
    private(set) var faults: [String] = []

    private let app: String
    private let mode: HostMode
    private let logger: Logger
    private let sources: [any OptionSource]
    private let commands: @Sendable (any Plugin) -> [String]
    private var offReasons: [String: String] = [:]

    /// Reads `list`.
    ///
    /// - Parameters:
    ///   - list: The plugins of the program.
    ///   - app: The module of the app.
    ///   - mode: The side this process is on.
    ///   - logger: What plugins log with.
    ///   - sources: Where options come from beside the code, the weakest first.
    ///   - commands: The names of a plugin's subcommands.
    init(
        _ list: PluginList,
        app: String,
        mode: HostMode,
        logger: Logger,
        sources: [any OptionSource],
        commands: @escaping @Sendable (any Plugin) -> [String]
    ) {
        self.app = app
        self.mode = mode
        self.logger = logger
        self.sources = sources
        self.commands = commands
        // Once each: a descriptor is made anew at every look.
        let lines = list.lines.map { ($0, $0.plugin.descriptor) }
        self.faults = ListRules(
            lines.map { line, descriptor in
                ListRules.Card(
                    line.plugin.name,
                    requires: descriptor.requires,
                    after: descriptor.after,
                    conflicts: descriptor.conflicts
                )
            }
        ).faults
        for (index, (line, descriptor)) in lines.enumerated() { self.read(line, descriptor, order: index + 1) }
        let known = lines.map { line, descriptor in (line.plugin.name, descriptor.options.map(\.name)) }
        for source in sources { self.faults += source.faults(knowing: known) }
    }

    private mutating func read(_ line: PluginList.Line, _ descriptor: PluginDescriptor, order: Int) {
        let plugin = line.plugin
        let resolution = OptionResolution(descriptor.options, of: plugin.name, from: self.sources)
        self.faults += resolution.faults
        var host = PluginHost(plugin: plugin.name, mode: self.mode, logger: self.logger, options: resolution.options)
        // With options that are wrong it would only complain about them a second time.
        let off = resolution.faults.isEmpty ? self.configure(plugin, descriptor, &host) : []
        let isOff = !off.isEmpty && line.isOptional
        if isOff {
            self.offReasons[plugin.name] = off.joined(separator: "; ")
        } else {
            self.faults += off.map { "plugin \(plugin.name): \($0)" }
            self.hosts.append(host)
        }
        let module = PluginOrigin.module(of: type(of: plugin))
        self.listings.append(
            PluginListing(
                plugin: plugin,
                descriptor: descriptor,
                order: order,
                isOptional: line.isOptional,
                origin: .of(module: module, app: self.app),
                module: module,
                offReason: isOff ? off.joined(separator: "; ") : nil,
                options: resolution.options,
                services: isOff ? [] : host.services,
                claims: isOff ? [] : host.allClaims + self.commands(plugin).map { Claim(.command, $0) },
                additions: isOff ? [] : host.additions
            )
        )
    }

    /// Lets the plugin add what it brings.
    ///
    /// - Returns: Why it cannot take part; nothing if it can.
    private func configure(_ plugin: any Plugin, _ descriptor: PluginDescriptor, _ host: inout PluginHost) -> [String] {
        let missing = descriptor.requires.compactMap { name in
            self.offReasons[name].map { "it requires plugin \(name), which is off: \($0)" }
        }
        guard missing.isEmpty else { return missing }
        do {
            try plugin.configure(&host)
            return []
        } catch let error as ConfigurationError {
            return error.faults
        } catch {
            return ["\(error)"]
        }
    }
}
