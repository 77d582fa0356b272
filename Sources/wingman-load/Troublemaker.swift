import Supervision
import Wingman

/// A plugin whose service is ill in one way: what the tree makes of it is what fault tests look at.
struct Troublemaker: Plugin {
    /// How it is ill. The names are the values of `WINGMAN_LOAD_TROUBLE`.
    enum Trouble: String {
        /// Fails as soon as it runs, each time.
        case crash
        /// Its factory throws, each time.
        case throwStart = "throw-start"
        /// Its factory never returns and does not hear its cancellation.
        case hangStart = "hang-start"
        /// It never returns, neither when it is told to nor when it is cancelled.
        case hangStop = "hang-stop"
        /// Throws when it is told to stop.
        case throwStop = "throw-stop"
        /// Its health check does not answer.
        case hangHealth = "hang-health"
        /// Refuses to be configured.
        case refuse
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
        if trouble == .refuse { throw Failure(description: "the troublemaker refuses") }
        if trouble == .hangHealth {
            host.check("pulse", every: .seconds(1), within: .milliseconds(200)) { _ in
                await Self.hang()
                return .healthy
            }
        }
        host.add(
            // Longer where tests look at what happens meanwhile.
            ServiceDeclaration("troublemaker", stopBudget: .seconds(trouble == .hangStop ? 3 : 1)) { _ in
                if trouble == .hangStart { await Self.hang() }
                if trouble == .throwStart { throw Failure(description: "the troublemaker does not start") }
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
        case .throwStop:
            await untilStopped()
            throw Troublemaker.Failure(description: "the troublemaker does not stop in peace")
        case .hangHealth, .refuse, .throwStart: await untilStopped()
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
