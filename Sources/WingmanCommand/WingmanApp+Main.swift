import ArgumentParser
public import Wingman
import WingmanCommandKit

extension WingmanApp {
    /// The command line of the app: mark the app's type `@main` to get it.
    ///
    /// Reads the app once, finds the command in the process's arguments and runs it. The process ends with 0, or with one
    /// of the codes of ``ExitStatus``.
    @concurrent public static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        // The command comes first, the root has no options of its own: so this word alone decides the mode.
        let mode: HostMode = arguments.first == RunCommand.name ? .server : .client
        let logger = LogOutput.bootstrap(arguments: arguments, mode: mode)
        let program = Program.read(
            Self.self,
            mode: mode,
            logger: logger,
            options: Program.optionSources(arguments)
        )
        await Program.$current.withValue(program) {
            await program.run(arguments)
        }
    }
}
