import Wingman
import WingmanRemoteOrchestrator

/// A plugin that adds one of each: its line is the one that tests take out of the list.
struct Annex: Plugin {
    let name = "annex"

    func configure(_ host: inout PluginHost) throws {
        host.add(Extension.self)
        host.add(ServiceDeclaration("annex") { Ledger() })
    }

    /// A job that only programs with this line know.
    struct Extension: Job {
        func perform(_ context: JobContext) async throws {}
    }
}
