import Testing

@testable import Wingman

@Suite("New payloads are what Ruby's client would write")
struct PayloadTemplateTests {
    private let now = SidekiqTime(milliseconds: 1_783_971_858_298)

    @Test("A plain job has Sidekiq's members in Sidekiq's order")
    func plain() {
        let template = PayloadTemplate(className: "Thumbnail", options: PayloadOptions())
        let bytes = template.payload(
            arguments: Array("[7,64]".utf8),
            jobID: "e9a9a1ea9689c63855aee695",
            createdAt: self.now,
            enqueuedAt: self.now
        )
        let expected =
            #"{"retry":true,"queue":"default","args":[7,64],"class":"Thumbnail","#
            + #""jid":"e9a9a1ea9689c63855aee695","created_at":1783971858298,"enqueued_at":1783971858298}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test("Options come between the queue and the arguments, and a scheduled job has no enqueued_at")
    func options() throws {
        var options = PayloadOptions()
        options.queue = "images/\"1\""
        options.retry = .limited(5)
        options.retryQueue = "low"
        options.retryFor = .seconds(3600)
        options.timeout = .milliseconds(1500)
        options.backtrace = .lines(20)
        options.goesToDeadSet = false
        options.tags = ["a", "é"]
        let template = PayloadTemplate(className: "Thumbnail", options: options)
        let bytes = template.payload(arguments: [0x5B, 0x5D], jobID: "x", createdAt: self.now, enqueuedAt: nil)
        let expected =
            #"{"retry":5,"queue":"images/\"1\"","backtrace":20,"dead":false,"retry_for":3600,"#
            + #""retry_queue":"low","tags":["a","é"],"timeout":1.5,"args":[],"class":"Thumbnail","jid":"x","#
            + #""created_at":1783971858298}"#
        #expect(String(decoding: bytes, as: UTF8.self) == expected)

        let payload = try JobPayload(bytes)
        #expect(payload.queue == options.queue)
        #expect(payload.timeout == options.timeout)
        #expect(payload.backtrace == options.backtrace)
    }

    @Test("Identifiers are 24 lowercase hexadecimal digits, and differ")
    func identifiers() {
        let identifiers = (0..<1000).map { _ in JobID.make() }
        #expect(Set(identifiers).count == 1000)
        for identifier in identifiers {
            #expect(identifier.utf8.count == 24)
            #expect(identifier.allSatisfy { "0123456789abcdef".contains($0) })
        }
    }
}
