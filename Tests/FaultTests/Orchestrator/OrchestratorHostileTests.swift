import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// W2, W3: whatever a producer pushes, the process lives, no service is started again, and the next message is handled.
    @Suite struct OrchestratorHostileTests {
        /// A message that cannot be handled, and why.
        private struct Bad {
            var bytes: [UInt8]
            var reason: String

            init(_ text: String, _ reason: String) {
                self.init(Array(text.utf8), reason)
            }

            init(_ bytes: [UInt8], _ reason: String) {
                self.bytes = bytes
                self.reason = reason
            }
        }

        private static let deep = String(repeating: "[", count: 100_000)
        private static let closed = deep + String(repeating: "]", count: 100_000)

        private static let corpus = [
            Bad("", "bad_json"), Bad("null", "not_object"), Bad("[]", "not_object"), Bad(#""x""#, "not_object"),
            Bad("{", "bad_json"), Bad("{}", "missing_client"), Bad([0], "bad_json"),
            Bad(Array(#"{"client":"adder","body":"#.utf8) + [0] + Array("}".utf8), "bad_json"),
            Bad(Array(#"{"client":"adder","body":""#.utf8) + [0xff, 0xfe] + Array(#""}"#.utf8), "bad_json"),
            Bad(#"{"client":"adder","body":\#(deep)"#, "bad_json"),
            Bad(#"{"client":"adder","body":\#(closed)}"#, "bad_json"),
            Bad(#"{"client":"adder","body":{"a":1e400,"b":1}}"#, "decode_error"),
            Bad(#"{"client":"adder","body":{"a":1,"b":1},"priority":1e400}"#, "bad_envelope"),
            Bad(#"{"client":"adder","body":{"a":1,"b":1},"v":2}"#, "unsupported_version"),
            Bad(#"{"client":"adder","client":"nobody","body":{"a":1,"b":1}}"#, "unknown_client"),
            Bad(#"{"client":"heartbeat","body":1}"#, "unknown_client"),
            Bad(#"{"client":"orchestrator","body":1}"#, "not_a_handler"),
            Bad(#"{"client":"adder","body":{"a":1,"b":1},"reply_to":"wingman:leases"}"#, "bad_reply_to"),
            Bad(#"{"client":"adder","body":{"a":1,"b":1},"reply_to":"queue:default"}"#, "bad_reply_to"),
            Bad(#"{"client":"adder","body":{"a":1,"b":1},"deadline":1}"#, "expired"),
        ]

        @Test func whatCannotBeHandledIsPutAwayAsItCameAndCostsNothing() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                try await Self.push(Self.corpus.map(\.bytes), campaign)
                // Of a name that is there twice the last one counts, in the envelope and in the body.
                try await campaign.push(
                    #"{"client":"nobody","client":"adder","body":{"a":9,"a":1,"b":1},"reply_to":"replies:twice"}"#
                )
                try await campaign.push(campaign.message("next"))
                try await campaign.record.waitForLines(1)
                try await eventually("all dead letters") {
                    try await campaign.count("LLEN", "requests:dead") == Self.corpus.count
                }
                try await eventually("the reply") { try await campaign.count("LLEN", "replies:twice") == 1 }
                let reply = try InboundCampaign.json(try await campaign.server.cli("LINDEX", "replies:twice", "0"))
                #expect(reply["status"] as? String == "ok")

                Self.expect(Self.corpus, in: try await campaign.deadLetters())
                #expect(try await campaign.server.cli("TYPE", "wingman:leases") == "zset")
                #expect(try await campaign.count("EXISTS", "queue:default") == 0)
                try await campaign.expectNoRestarts(of: worker)
                try await eventually("the last acknowledgements") {
                    try await Campaign.inFlight(on: campaign.server) == 0
                }
                #expect(try await worker.stop() == .exited(0))
            }
        }

        /// A message is a hundred times as large as is allowed: it is not decoded, and is kept.
        @Test func aMessageOfAHundredMegabytesIsPutAwayAndTheNextIsHandled() async throws {
            try await InboundCampaign.with { campaign in
                let worker = try await campaign.startWorker()
                let push = """
                    local head = '{"client":"ledger","body":"'
                    redis.call('LPUSH', KEYS[1], head .. string.rep('x', 100 * 1024 * 1024) .. '"}')
                    """
                try await campaign.server.cli("EVAL", push, "1", "requests")
                try await campaign.push(campaign.message("next"))
                try await campaign.record.waitForLines(1)
                try await eventually("the dead letter") { try await campaign.count("LLEN", "requests:dead") == 1 }

                // Looked at by the server, so that a hundred megabytes do not go through the test.
                let script = """
                    local letter = redis.call('LINDEX', KEYS[1], 0)
                    return {string.len(letter), string.sub(letter, -100), string.sub(letter, 1, 100)}
                    """
                let seen = try await campaign.server.cli("EVAL", script, "1", "requests:dead").split(separator: "\n")
                #expect(seen.first.flatMap { Int($0) } ?? 0 > 100 * 1_024 * 1_024)
                #expect(seen.last?.contains(#""attempts":0"#) == true)
                #expect(seen.dropFirst().first?.hasSuffix(#"x\"}","reason":"too_large"}"#) == true, "\(seen)")
                try await campaign.expectNoRestarts(of: worker)
                #expect(try await worker.stop() == .exited(0))
                #expect(try await Campaign.inFlight(on: campaign.server) == 0)
                #expect(try await campaign.waiting() == 0)
            }
        }

        // MARK: Bytes

        /// Pushes any bytes, in the notation of redis-cli.
        private static func push(_ messages: [[UInt8]], _ campaign: InboundCampaign) async throws {
            let commands = messages.map { "LPUSH requests \(Self.quoted($0))" }
            try await campaign.server.cli([], input: commands.joined(separator: "\n") + "\n")
        }

        private static func quoted(_ bytes: [UInt8]) -> String {
            let text = bytes.map { byte in
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"), ..<0x20, 0x7f...:
                    #"\x"# + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
                default: String(UnicodeScalar(byte))
                }
            }
            return "\"" + text.joined() + "\""
        }

        /// Each message has a letter with its reason and its bytes. Router and lanes write letters, each in its order.
        private static func expect(_ corpus: [Bad], in letters: [[String: Any]]) {
            var left = letters.map { letter in
                let text = letter["raw"] as? String
                let base64 = letter["raw_base64"] as? String
                let bytes = text.map { Array($0.utf8) } ?? base64.flatMap { Data(base64Encoded: $0) }.map(Array.init)
                return (bytes: bytes ?? [], reason: letter["reason"] as? String ?? "")
            }
            for bad in corpus {
                let index = left.firstIndex { $0.bytes == bad.bytes }
                let head = String(decoding: bad.bytes.prefix(80), as: UTF8.self)
                #expect(index.map { left[$0].reason } == bad.reason, "\(head)")
                if let index { left.remove(at: index) }
            }
        }
    }
}
