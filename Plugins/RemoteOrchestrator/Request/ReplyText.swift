import Wingman

/// An answer to a request, as it comes from the reply list.
enum ReplyText {
    /// The JSON of the reply's body; nil if the handler replied nothing.
    ///
    /// - Throws: ``RequestError``. What comes from the list may be anything.
    static func body(of bytes: [UInt8]) throws(RequestError) -> [UInt8]? {
        let view: JSONObjectView
        do {
            view = try JSONObjectView(bytes)
        } catch {
            throw .unreadable(error.description)
        }
        switch view.string("status") {
        case "ok": return view.value(of: "body").map { Array($0) }
        case "error": throw .remote(Self.remote(view.value(of: "error").flatMap { try? JSONObjectView(Array($0)) }))
        case let status: throw .unreadable("its status is \(status.map { "\"\($0)\"" } ?? "missing")")
        }
    }

    private static func remote(_ error: JSONObjectView?) -> RequestError.Remote {
        RequestError.Remote(
            code: error?.string("code") ?? "unknown",
            message: error?.string("message") ?? "no message",
            isRetryable: error?.value(of: "retryable").map { $0.elementsEqual("true".utf8) } ?? false
        )
    }
}
