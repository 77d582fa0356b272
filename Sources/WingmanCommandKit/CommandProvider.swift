public import ArgumentParser

/// A plugin that brings subcommands to the app's executable.
///
/// ```swift
/// extension Scheduler: CommandProvider {
///     public var commands: [any AsyncParsableCommand.Type] { [ListSchedules.self] }
/// }
/// ```
///
/// The commands stand beside `run` and `enqueue`, in the order of the plugins. Inside `run()` a command finds the app
/// and the store by ``CommandEnvironment/current``.
public protocol CommandProvider {
    /// The subcommands, in the order `--help` shows them.
    ///
    /// A name that another plugin or the executable itself already has is a configuration fault.
    var commands: [any AsyncParsableCommand.Type] { get }
}
