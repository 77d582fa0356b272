internal import HiredisNIO
internal import Wingman

extension StoreError {
    /// What an error of the client or the server means for the worker. The text is the client's: it never has a
    /// password or an argument.
    init(_ error: RedisError) {
        let code: Code =
            switch error.kind {
            case .transient: error.serverError?.code == "OOM" ? .full : .unavailable
            case .permanent: .refused
            case .bug: .unexpected
            }
        self.init(code, error.description, mayHaveRun: error.mayHaveRun, cause: error)
    }
}
