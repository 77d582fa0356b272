import Testing

@testable import Wingman

@Suite("Edits splice bytes and leave the rest alone")
struct PayloadEditsTests {
    private func edited(_ text: String, _ build: (inout PayloadEdits) -> Void) throws -> String {
        var edits = PayloadEdits()
        build(&edits)
        return String(decoding: try edits.applied(to: Array(text.utf8)), as: UTF8.self)
    }

    @Test("A failed job gets its error members at the end, and all else stays byte for byte")
    func retry() throws {
        let text =
            #"{ "class" : "A","args":[1.0, 1,123456789012345678901234567890 ],"queue":"old","#
            + #""\u0078":{"a":1e2},"retry_count":0,"failed_at":1700000000.5}  "#
        let result = try self.edited(text) { edits in
            edits.set("queue", "new")
            edits.set("error_message", "a\"b\n é")
            edits.set("error_class", "Boom")
            edits.set("retry_count", 1)
            edits.set("retried_at", SidekiqTime(milliseconds: 1_783_971_858_298))
        }
        let expected =
            #"{ "class" : "A","args":[1.0, 1,123456789012345678901234567890 ],"queue":"new","#
            + #""\u0078":{"a":1e2},"retry_count":1,"failed_at":1700000000.5,"error_message":"a\"b\n é","#
            + #""error_class":"Boom","retried_at":1783971858298}"#
        #expect(result == expected)
    }

    @Test(
        "Members are removed with one comma each",
        arguments: [
            (#"{"at":1,"b":2,"c":3}"#, #"{"b":2,"c":3}"#), (#"{"b":2,"at":1,"c":3}"#, #"{"b":2,"c":3}"#),
            (#"{"b":2,"c":3,"at":1}"#, #"{"b":2,"c":3}"#), (#"{"at":1}"#, "{}"), (#"{ "at" : 1 }"#, "{  }"),
            (#"{"at":1,"at":2}"#, "{}"), (#"{"at":1,"b":2,"\u0061t":3}"#, #"{"b":2}"#), ("{}", "{}"), (" { } ", " {}"),
            (#"{"b":{"at":1}}"#, #"{"b":{"at":1}}"#), (#"{"a":1 , "at":1 , "c":3 }"#, #"{"a":1 , "c":3 }"#),
        ]
    )
    func removal(text: String, expected: String) throws {
        #expect(try self.edited(text) { $0.remove("at") } == expected)
    }

    @Test(
        "A member is set where it is, or added at the end",
        arguments: [
            ("{}", #"{"k":true}"#), (#"{"k":null}"#, #"{"k":true}"#), (#"{"a":1}"#, #"{"a":1,"k":true}"#),
            (#"{"k":1,"a":2,"k":3}"#, #"{"k":true,"a":2}"#), (#"{"\u006b":1}"#, #"{"\u006b":true}"#),
        ]
    )
    func setting(text: String, expected: String) throws {
        #expect(try self.edited(text) { $0.set("k", true) } == expected)
    }

    @Test("The last of several edits to one key counts, and removing all while adding one leaves one")
    func combinations() throws {
        let result = try self.edited(#"{"a":1,"b":2}"#) { edits in
            edits.remove("a")
            edits.set("b", 1)
            edits.remove("b")
            edits.set("c", 1)
            edits.set("c", 2)
            edits.remove("d")
        }
        #expect(result == #"{"c":2}"#)
    }

    @Test("Text that is no object is an error")
    func noObject() {
        #expect(throws: JSONError.self) { try self.edited("[1]") { $0.set("k", 1) } }
        #expect(throws: JSONError.self) { try self.edited(#"{"a":"#) { $0.set("k", 1) } }
    }
}
