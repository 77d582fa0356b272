import Testing

@testable import Wingman

@Suite("Options of plugins")
struct OptionTests {
    private enum Mode: String, CaseIterable, OptionValue {
        case all, last
    }

    @Test(
        "A duration is a whole number and a unit",
        arguments: [
            ("250ms", .milliseconds(250)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("1h", .seconds(3_600)),
            ("1d", .seconds(86_400)), ("0s", .zero), ("5", nil), ("s", nil), ("", nil), ("-5s", nil), ("5 s", nil),
            ("1.5s", nil), ("5S", nil), ("99999999999999999999s", nil), ("9223372036854775807d", nil), ("٣s", nil),
        ] as [(String, Duration?)]
    )
    func durations(_ text: String, _ expected: Duration?) {
        #expect(Duration(optionContent: .text(text)) == expected)
    }

    @Test("A duration is written in the largest unit that says it exactly, and read back as the same")
    func durationText() {
        let durations: [Duration] = [.zero, .milliseconds(1), .milliseconds(1_500), .seconds(90), .seconds(86_400)]
        #expect(durations.map(\.optionText) == ["0s", "1ms", "1500ms", "90s", "1d"])
        for duration in durations { #expect(Duration(optionContent: .text(duration.optionText)) == duration) }
    }

    @Test("Other kinds of values take their own kind only")
    func kinds() {
        #expect(Int(optionContent: .integer(7)) == 7)
        #expect(Int(optionContent: .text("7")) == nil)
        #expect(Double(optionContent: .number(.infinity)) == nil)
        #expect(Bool(optionContent: .flag(true)) == true)
        #expect([String](optionContent: .texts(["a", "b"]))?.optionText == "a,b")
        #expect(Mode(optionContent: .text("last")) == .last)
        #expect(Mode(optionContent: .text("first")) == nil)
        #expect(Mode.optionExpectation == "one of all, last")
        #expect(Int?(optionContent: .integer(7)) == .some(7))
        #expect((nil as Int?).optionText == "–")
    }

    private static let limit = PluginOption("limit", default: 5, help: "how many") { $0 > 0 ? nil : "use more than zero" }
    private static let relay = PluginOption<String>("relay", help: "where to")
    private static let token = PluginOption<String>("token", help: "the key", isSecret: true)

    private static func resolve(
        _ declarations: [OptionDeclaration],
        _ sources: [SampleSource] = []
    ) -> OptionResolution {
        OptionResolution(declarations, of: "mail", from: sources)
    }

    @Test("The environment counts before the file, the file before the code, the code before the default")
    func precedence() {
        let file = SampleSource("file", ["limit": .integer(20), "relay": .text("from file")])
        let environment = SampleSource("environment", ["limit": .integer(30)])
        let declarations = [Self.limit.inCode(10), Self.relay.inCode("from code")]
        let all = Self.resolve(declarations, [file, environment])
        #expect(all.faults.isEmpty)
        #expect(all.options.map(\.value) == ["30", "from file"])
        #expect(all.options.map(\.origin) == ["environment:limit", "file:relay"])
        #expect(Self.resolve([Self.limit.inCode(10)]).options.map(\.origin) == ["code"])
        let standard = Self.resolve([Self.limit.inCode(nil)]).options
        #expect(standard.map(\.origin) == ["default"])
        #expect(standard.map(\.value) == ["5"])
    }

    @Test("What is missing, of the wrong kind or refused is told with where and what to do, never with a value")
    func faults() {
        let file = SampleSource("file", ["limit": .text("sesame"), "token": .integer(1)])
        let declarations = [Self.limit.inCode(nil), Self.relay.inCode(nil), Self.token.inCode(nil)]
        #expect(
            Self.resolve(declarations, [file]).faults == [
                "plugin mail: file:limit must be a whole number",
                "plugin mail: option relay (where to) is missing: give it in code, or as file:relay",
                "plugin mail: file:token must be a text",
            ]
        )
        #expect(
            Self.resolve([Self.limit.inCode(0)]).faults == [
                "plugin mail: option limit (in code): use more than zero"
            ]
        )
        #expect(
            Self.resolve([Self.limit.inCode(1)], [SampleSource("file", ["limit": .integer(-1)])]).faults == [
                "plugin mail: option limit (file:limit): use more than zero"
            ]
        )
        #expect(
            Self.resolve([Self.limit.inCode(1), Self.limit.inCode(1)]).faults == [
                "plugin mail declares two options named limit"
            ]
        )
    }

    @Test("A secret is used and not shown")
    func secrets() throws {
        let source = SampleSource("environment", ["token": .text("sesame")])
        let options = Self.resolve([Self.token.inCode("open")], [source]).options
        #expect(options.map(\.value) == ["(secret)"])
        let host = PluginHost(plugin: "mail", mode: .client, logger: quietLogger, options: options)
        #expect(try host.value(of: Self.token) == "sesame")
        #expect(throws: ConfigurationError.self) { try host.value(of: Self.relay) }
    }
}

/// Answers what it was given; of other kinds it has nothing but an error.
struct SampleSource: OptionSource {
    let name: String
    let values: [String: OptionContent]

    init(_ name: String, _ values: [String: OptionContent]) {
        self.name = name
        self.values = values
    }

    func value(of option: String, plugin: String, as kind: OptionContent.Kind) throws -> OptionContent? {
        self.values[option]
    }

    func spelling(of option: String, plugin: String) -> String { "\(self.name):\(option)" }

    func faults(knowing plugins: [(name: String, options: [String])]) -> [String] {
        self.values.keys.contains("unknown") ? ["\(self.name): unknown"] : []
    }
}
