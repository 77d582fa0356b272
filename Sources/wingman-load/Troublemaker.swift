import Supervision
import Wingman

/// A plugin whose service is ill in one way: what the tree makes of it is what fault tests look at.
struct Troublemaker: Plugin {
    /// How it is ill. The names are the values of `WINGMAN_LOAD_TROUBLE`.
    enum Trouble: String {
        /// Fails as soon as it runs, each time.
        case crash
        /// Its factory never returns and does not hear its cancellation.
        case hangStart = "hang-start"
        /// It never returns, neither when it is told to nor when it is cancelled.
        case hangStop = "hang-stop"
        /// Ends the process in order, with the exit code 7.
        case terminate
    }

    /// Why it failed.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let name = "troublemaker"
    let trouble: Trouble

    func configure(_ host: inout PluginHost) throws {
        let trouble = self.trouble
        host.add(
            ServiceDeclaration("troublemaker", stopBudget: .seconds(1)) { _ in
                if trouble == .hangStart { await Self.hang() }
                return TroublesomeService(trouble: trouble)
            }
        )
    }

    /// Never returns, holding no thread.
    static func hang() async {
        // A detached task does not hear the cancellation of this one: that is the fault this is for.
        await Task.detached { while true { try? await Task.sleep(for: .seconds(3_600)) } }.value
    }
}

private struct TroublesomeService: Service {
    let trouble: Troublemaker.Trouble

    func run() async throws {
        switch self.trouble {
        case .crash: throw Troublemaker.Failure(description: "the troublemaker crashes")
        case .hangStart, .hangStop: await Troublemaker.hang()
        case .terminate:
            Incarnation.current?.terminateTree(
                reason: "the troublemaker ends the process",
                exitCode: 7,
                cause: Troublemaker.Failure(description: "it was told to")
            )
            await untilStopped()
        }
    }
}
