import Wingman

/// What `run` starts, in order, without starting it.
struct PlannedTree {
    struct Node: Encodable {
        let name: String
        let note: String
        let children: [Node]

        init(_ name: String, _ note: String = "", _ children: [Node] = []) {
            self.name = name
            self.note = note
            self.children = children
        }

        /// The tree as text, drawn with lines.
        func lines(prefix: String = "", childPrefix: String = "") -> [String] {
            var lines = [prefix + self.name + (self.note.isEmpty ? "" : "  (\(self.note))")]
            for (index, child) in self.children.enumerated() {
                let isLast = index == self.children.count - 1
                lines += child.lines(
                    prefix: childPrefix + (isLast ? "└── " : "├── "),
                    childPrefix: childPrefix + (isLast ? "    " : "│   ")
                )
            }
            return lines
        }
    }

    let root: Node

    init(_ assembly: Assembly) {
        let app = assembly.appServices.map { Self.node($0) }
        var plugins = assembly.pluginServices.map { Self.node($1, plugin: $0) }
        if assembly.hasHealthChecks { plugins.append(Node("health", "asks the plugins' checks")) }
        var children = [Node("store", "first to start, last to stop"), Node("heartbeat")]
        if !app.isEmpty { children.append(Node("services", "parks what keeps failing", app)) }
        let jobs = [Node("poller"), Node("rescuer"), Node("capsule:default")]
        children.append(Node("jobs", "rest for one, escalates", jobs))
        if !plugins.isEmpty { children.append(Node("plugins", "parks what keeps failing", plugins)) }
        self.root = Node("wingman", "one for one, escalates", children)
    }

    private static func node(_ service: ServiceDeclaration, plugin: String? = nil) -> Node {
        let notes = ["\(service.restart)"] + (service.when == .leader ? ["leader"] : []) + (plugin.map { ["plugin \($0)"] } ?? [])
        return Node(service.name, notes.joined(separator: ", "))
    }
}
