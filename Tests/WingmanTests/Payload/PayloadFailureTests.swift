import Foundation
import Testing

@testable import Wingman

@Suite("A failure is written as Sidekiq's page reads it")
struct PayloadFailureTests {
    private func edited(_ text: String = "{}", _ build: (inout PayloadEdits) -> Void) throws -> [UInt8] {
        var edits = PayloadEdits()
        build(&edits)
        return try edits.applied(to: Array(text.utf8))
    }

    @Test("A failure is its message and its class")
    func failure() throws {
        let bytes = try self.edited { $0.setFailure(className: "Boom", message: "it\nbroke") }
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"error_message":"it\nbroke","error_class":"Boom"}"#)
    }

    @Test("A message is cut behind 10,000 characters as Ruby counts them")
    func longMessage() throws {
        let message = String(repeating: "e\u{301}", count: 6000)
        let bytes = try self.edited { $0.setFailure(className: "A", message: message) }
        let text = String(message.unicodeScalars.prefix(10_000))
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"error_message":"\#(text)","error_class":"A"}"#)
    }

    @Test("A backtrace is packed, and one of an earlier failure does not outlive it")
    func backtrace() throws {
        let bytes = try self.edited { $0.setBacktrace(["one", "two"]) }
        let packed = PayloadEdits.packed(["one", "two"])
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"error_backtrace":"\#(packed)"}"#)
        let cleared = try self.edited(#"{"error_backtrace":"x"}"#) { $0.setBacktrace([]) }
        #expect(String(decoding: cleared, as: UTF8.self) == "{}")
    }

    @Test("The checksum is Adler's", arguments: [("", 1), ("Wikipedia", 0x11E6_0398)] as [(String, UInt32)])
    func checksum(text: String, sum: UInt32) {
        #expect(Zlib.adler32(Array(text.utf8)) == sum)
    }

    @Test("zlib unpacks a backtrace of any length", .enabled(if: Python.isAvailable), arguments: [0, 1, 3, 20_000])
    func unpacking(count: Int) throws {
        let lines = (0..<count).map { "App.swift:\($0) in é\"x\"" }
        let program = """
            import base64, json, sys, zlib
            for line in sys.stdin.buffer:
                lines = json.loads(zlib.decompress(base64.b64decode(line)))
                print(json.dumps([len(lines), lines[-1] if lines else None], ensure_ascii=False))
            """
        let answers = try Python.run(program, input: [Array(PayloadEdits.packed(lines).utf8)])
        let last = lines.last.map { "\"\($0.replacing("\"", with: "\\\""))\"" } ?? "null"
        #expect(answers == ["[\(count), \(last)]"])
    }
}
