import ArgumentParser
import WingmanCommandKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ends of commands that are no usage errors: a line on the standard error, and a code of sysexits.h.
enum CommandFailure {
    /// The other side says no.
    static let failure: Int32 = 1
    /// Something that was named is not there (EX_DATAERR).
    static let data: Int32 = 65
    /// Who was asked does not answer (EX_UNAVAILABLE).
    static let unavailable: Int32 = 69
    /// No reply in time; later there may be one (EX_TEMPFAIL).
    static let temporary: Int32 = 75

    /// Says why and gives the error that ends the program with `code`.
    static func end(_ code: Int32, _ message: String) -> ExitCode {
        Output.error("\(Output.programName): \(message)")
        return ExitCode(code)
    }

    /// Runs `body`; tells what cannot be done at the desk, and why a request got no answer.
    static func told<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as DeskError {
            throw Self.end(Self.data, error.description)
        } catch let error as RequestError {
            throw Self.end(Self.code(of: error), error.description)
        }
    }

    private static func code(of error: RequestError) -> Int32 {
        switch error {
        case .timeout: Self.temporary
        case .remote: Self.failure
        case .unreadable, .invalid: Self.data
        }
    }
}
