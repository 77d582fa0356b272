internal import HiredisNIO
internal import Wingman

/// What `apply.lua` is given and answers.
enum ChangeCall {
    static func encode(_ change: Change, _ script: RedisScript) -> RedisScriptCall {
        var call = script.call(capacity: 256 + 128 * change.conditions.count + change.effects.bytes)
        call.append(change.conditions.reduce(0) { $0 + $1.words })
        for condition in change.conditions { Self.append(condition, to: &call) }
        call.append(change.effects)
        return call
    }

    private static func append(_ condition: Condition, to call: inout RedisScriptCall) {
        switch condition {
        case .absent(let key):
            call.append("n")
            call.append(key.redisKey)
        case .equals(let key, let value):
            call.append("e")
            call.append(key.redisKey)
            call.append(value)
        case .contains(let key, let member):
            call.append("m")
            call.append(key.redisKey)
            call.append(member)
        case .lacks(let key, let member):
            call.append("l")
            call.append(key.redisKey)
            call.append(member)
        case .reached(let milliseconds):
            call.append("t")
            call.append(milliseconds)
        case .departed(let process):
            call.append("g")
            call.append(process.rawValue)
        }
    }

    static func decode(_ reply: RESPValue, _ script: RedisScript) throws(StoreError) -> ChangeReply {
        var cursor = try ReplyCursor(reply, of: script)
        switch try cursor.text() {
        case "applied": return .applied(now: try cursor.integer())
        case "refused":
            let now = try cursor.integer()
            return .refused(condition: try cursor.integer(), now: now)
        case "wrong": throw StoreError(.unexpected, "the change was not made: \(try cursor.text())")
        default: throw cursor.malformed("known word")
        }
    }
}

extension Condition {
    /// How many words it takes.
    fileprivate var words: Int {
        switch self {
        case .absent, .reached, .departed: 2
        case .equals, .contains, .lacks: 3
        }
    }
}
