import Testing

@testable import Wingman

@Suite("What a plugin keeps in the store")
struct KeySpaceTests {
    private let keys = KeySpace(namespace: "audit", store: ScriptedStore())
    private let foreign = StoreKey("scheduler", "next")

    @Test("has the plugin's name before it")
    func key() {
        #expect(self.keys.key("seen") == StoreKey("audit", "seen"))
        #expect(ServiceEnvironment.sample(ScriptedStore()).keys.namespace == "app")
        #expect(ServiceEnvironment.sample(ScriptedStore()).owned(by: "audit").keys.namespace == "audit")
    }

    @Test("changes together with pushes and lists")
    func allowed() throws {
        let own = self.keys.key("seen")
        let job = PushedJob(queue: "default", payload: [])
        try self.keys.check(
            Change(
                if: [
                    .absent(own), .equals(own, []), .contains(own, member: []), .reached(milliseconds: 0),
                    .departed(ProcessID(rawValue: "a:1:x")),
                ],
                [
                    .push(job), .append(list: "replies", payload: []), .add(Entry(payload: []), to: .list("requests")),
                    .put(own, []), .delete(own), .count(own, by: 1), .insert(own, member: []),
                    .whenEmpty(own, [.push(job), .remove(own, member: [])]),
                ]
            )
        )
    }

    @Test("is out of the reach of others, at any depth")
    func foreignKeys() {
        let own = self.keys.key("seen")
        let changes = [
            Change(if: [.absent(self.foreign)], []),
            Change(if: [.lacks(self.foreign, member: [])], []),
            Change([.put(own, []), .put(self.foreign, [])]),
            Change([.whenEmpty(self.foreign, [])]),
            Change([.whenEmpty(own, [.delete(self.foreign)])]),
        ]
        for change in changes {
            let error = #expect(throws: ConfigurationError.self) { try self.keys.check(change) }
            #expect(
                error?.faults == [
                    "plugin audit uses the key \"scheduler:next\": it may use those of its own namespace only"
                ]
            )
        }
    }

    @Test("does not reach into the host's places", arguments: [Place.queue("default"), .retry, .dead, .quarantine])
    func places(_ place: Place) {
        let own = self.keys.key("seen")
        let entry = Entry(payload: [])
        for effects in [[Effect.add(entry, to: place)], [.whenEmpty(own, [.add(entry, to: place)])]] {
            let error = #expect(throws: ConfigurationError.self) { try self.keys.check(Change(effects)) }
            #expect(
                error?.faults == ["plugin audit adds to \(place): it may push jobs and append to lists only"]
            )
        }
    }
}
