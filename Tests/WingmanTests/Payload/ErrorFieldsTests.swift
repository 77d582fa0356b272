import Foundation
import Testing

@testable import Wingman

@Suite("A failure is written as Sidekiq's page reads it")
struct ErrorFieldsTests {
    struct Boom: Error, CustomStringConvertible {
        var description: String
    }

    @Test("An error gives its type's name and its text")
    func fields() {
        let fields = ErrorFields(Boom(description: "it broke"))
        #expect(fields.className == "WingmanTests.ErrorFieldsTests.Boom")
        #expect(fields.message == "it broke")
        struct Hidden: Error {}
        #expect(!ErrorFields(Hidden()).className.contains("("))
    }

    @Test("A message is cut behind 10,000 characters as Ruby counts them")
    func longMessage() {
        let fields = ErrorFields(className: "A", message: String(repeating: "e\u{301}", count: 6000))
        #expect(fields.message.unicodeScalars.count == 10_000)
    }

    @Test("Only as much of the backtrace is written as the job wants")
    func backtraces() throws {
        let error = ErrorFields(className: "A", message: "m", backtrace: ["one", "two"])
        func members(_ backtrace: JobPayload.Backtrace) throws -> String {
            var edits = PayloadEdits()
            edits.set(error, backtrace: backtrace)
            return String(decoding: try edits.applied(to: Array("{}".utf8)), as: UTF8.self)
        }
        let head = #"{"error_message":"m","error_class":"A""#
        #expect(try members(.none) == "\(head)}")
        #expect(try members(.lines(0)) == "\(head)}")
        #expect(try members(.lines(1)) == #"\#(head),"error_backtrace":"\#(ErrorFields.encode(backtrace: ["one"]))"}"#)
        let all = ErrorFields.encode(backtrace: ["one", "two"])
        #expect(try members(.all) == #"\#(head),"error_backtrace":"\#(all)"}"#)
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
        let answers = try Python.run(program, input: [Array(ErrorFields.encode(backtrace: lines).utf8)])
        let last = lines.last.map { "\"\($0.replacing("\"", with: "\\\""))\"" } ?? "null"
        #expect(answers == ["[\(count), \(last)]"])
    }
}
