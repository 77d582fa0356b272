public import Metrics

/// Makes the metrics of one plugin, all under `wingman_<plugin>_`. Make each object once and keep it.
public struct PluginMetrics: Sendable {
    private let prefix: String
    private let factory: (any MetricsFactory)?

    /// - Parameter factory: Nil is the one the program was bootstrapped with.
    init(plugin: String, factory: (any MetricsFactory)? = nil) {
        self.prefix = "wingman_\(plugin.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined())_"
        self.factory = factory
    }

    /// The full name of a metric.
    public func label(_ name: String) -> String { self.prefix + name }

    /// Counts what only grows: `messages_total`.
    public func counter(_ name: String, dimensions: [(String, String)] = []) -> Counter {
        Counter(label: self.label(name), dimensions: dimensions, factory: self.factory ?? MetricsSystem.factory)
    }

    /// What goes up and down: `latency_seconds`.
    public func gauge(_ name: String, dimensions: [(String, String)] = []) -> Gauge {
        Gauge(label: self.label(name), dimensions: dimensions, factory: self.factory ?? MetricsSystem.factory)
    }

    /// The distribution of a quantity.
    public func recorder(_ name: String, dimensions: [(String, String)] = []) -> Recorder {
        Recorder(label: self.label(name), dimensions: dimensions, factory: self.factory ?? MetricsSystem.factory)
    }

    /// The distribution of times.
    public func timer(_ name: String, dimensions: [(String, String)] = []) -> Timer {
        Timer(label: self.label(name), dimensions: dimensions, factory: self.factory ?? MetricsSystem.factory)
    }
}
