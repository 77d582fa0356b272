public import ArgumentParser

// The policies as words of a command line; the parser lists them in the help and where another word stands.
extension GapPolicy: ExpressibleByArgument {}
extension OverlapPolicy: ExpressibleByArgument {}
extension Overlap: ExpressibleByArgument {}

extension CatchUp: ExpressibleByArgument {
    /// Reads `skip`, `latest`, `all`, `all:10` or `all:10:1d`.
    public init?(argument: String) { self.init(argument) }
}
