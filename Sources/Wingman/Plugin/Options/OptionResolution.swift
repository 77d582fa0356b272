/// Finds the values of one plugin's options.
struct OptionResolution {
    /// The values found, in the order declared.
    private(set) var options: [ResolvedOption] = []
    /// What is wrong, a sentence each.
    private(set) var faults: [String] = []

    private let plugin: String
    /// The weakest first.
    private let sources: [any OptionSource]

    init(_ declarations: [OptionDeclaration], of plugin: String, from sources: [any OptionSource]) {
        self.plugin = plugin
        self.sources = sources
        var seen: Set<String> = []
        for declaration in declarations {
            if seen.insert(declaration.name).inserted {
                self.resolve(declaration)
            } else {
                self.faults.append("plugin \(plugin) declares two options named \(declaration.name)")
            }
        }
    }

    private mutating func resolve(_ declaration: OptionDeclaration) {
        var found: (reading: OptionReading, origin: String)?
        if let reading = declaration.standardReading { found = (reading, ResolvedOption.standardOrigin) }
        if let reading = declaration.codeReading { found = (reading, "code") }
        for source in self.sources {
            let spelling = source.spelling(of: declaration.name, plugin: self.plugin)
            do {
                let content = try source.value(of: declaration.name, plugin: self.plugin, as: declaration.kind)
                guard let content else { continue }
                guard let reading = declaration.read(content) else { throw Mismatch() }
                found = (reading, spelling)
            } catch {
                // Not the error, not the value: either may hold a secret.
                self.faults.append("plugin \(self.plugin): \(spelling) must be \(declaration.expectation)")
                return
            }
        }
        guard let found else {
            self.faults.append(self.missing(declaration))
            return
        }
        if let fault = found.reading.fault {
            let origin = found.origin == "code" ? "in code" : found.origin
            self.faults.append("plugin \(self.plugin): option \(declaration.name) (\(origin)): \(fault)")
        }
        self.options.append(ResolvedOption(declaration, found.reading, origin: found.origin))
    }

    private func missing(_ declaration: OptionDeclaration) -> String {
        let ways = ["in code"] + self.sources.map { $0.spelling(of: declaration.name, plugin: self.plugin) }
        return "plugin \(self.plugin): option \(declaration.name) (\(declaration.help)) is missing: give it "
            + ways.joined(separator: ", or as ")
    }

    private struct Mismatch: Error {}
}
