import ArgumentParser
import Wingman
import WingmanCommandKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How the process ends and what it says: the codes of sysexits.h where there is one.
struct ExitStatus: Error {
    /// A supervised core part kept failing, or a command failed.
    static let failure: Int32 = 1
    /// The arguments are wrong (EX_USAGE); the argument parser's own code.
    static let usage: Int32 = 64
    /// Some of the data given was refused (EX_DATAERR); the rest was taken.
    static let data: Int32 = 65
    /// The store cannot be reached or refuses us (EX_UNAVAILABLE).
    static let unavailable: Int32 = 69
    /// It could be done but should not be now (EX_TEMPFAIL): somebody else works on it.
    static let refused: Int32 = 75
    /// The program is put together wrongly, or no store is named (EX_CONFIG).
    static let configuration: Int32 = 78

    let code: Int32
    let message: String

    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// The end that an error of ours leads to; nil for the parser's errors and for `ExitCode`.
    init?(_ error: any Error) {
        switch error {
        case let status as ExitStatus: self = status
        case let error as ConfigurationError: self.init(code: Self.configuration, message: error.description)
        case let error as StoreError: self.init(code: Self.unavailable, message: error.description)
        case let error as PayloadError: self.init(code: Self.data, message: error.description)
        case let error as ArgumentError: self.init(code: Self.data, message: error.description)
        default: return nil
        }
    }

    /// Says why on the standard error, and ends the process.
    func end() -> Never {
        Output.error("\(Output.programName): \(self.message)")
        Self.exit(self.code)
    }

    /// Ends the process.
    static func exit(_ code: Int32) -> Never {
        #if canImport(Glibc)
            Glibc.exit(code)
        #elseif canImport(Musl)
            Musl.exit(code)
        #else
            Darwin.exit(code)
        #endif
    }
}
