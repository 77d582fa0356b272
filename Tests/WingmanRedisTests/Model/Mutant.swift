@testable import WingmanRedis

/// The protocol with one of its parts left out.
struct Mutant: Sendable, CustomStringConvertible {
    struct Unchanged: Error {
        var mutant: String
    }

    var description: String
    var script = ""
    var replacements: [(old: String, new: String)] = []
    var blocksBeforeFirstBeat = false
    /// How many sequences it may survive.
    var withinSequences = 20

    /// The scripts of this mutant.
    ///
    /// - Throws: ``Unchanged`` if a script no longer has what was to be replaced.
    func library() throws -> ScriptLibrary {
        var missing = false
        let library = ScriptLibrary { name, source in
            guard name == self.script else { return source }
            return self.replacements.reduce(source) { source, replacement in
                missing = missing || !source.contains(replacement.old)
                return source.replacing(replacement.old, with: replacement.new)
            }
        }
        if missing { throw Unchanged(mutant: self.description) }
        return library
    }

    static let all: [Mutant] = [
        Mutant(
            description: "no step number",
            script: "step",
            replacements: [
                ("if number == last then", "if false then"), ("if number ~= last + 1 then", "if false then"),
            ]
        ),
        Mutant(
            description: "claim without a lease",
            script: "step",
            replacements: [("if not lease then return { 'fenced' } end", "lease = lease or '9e15'")]
        ),
        Mutant(
            description: "token deleted before the destination is written",
            script: "step",
            replacements: [
                (
                    "local trouble = write_destination(outcome, at)",
                    "redis.call('HDEL', inflight, token) local trouble = write_destination(outcome, at)"
                )
            ]
        ),
        Mutant(
            description: "no graves",
            script: "rescue",
            replacements: [("redis.call('ZADD', 'wingman:graves', now, id)", "")]
        ),
        Mutant(description: "BLMOVE before the first beat", blocksBeforeFirstBeat: true),
        Mutant(
            description: "equal members of a sorted set collapse",
            script: "step",
            replacements: [("while added == 0 do", "if added == 0 then added = 1 end while false do")]
        ),
        Mutant(
            description: "rescue in the time of grace",
            script: "rescue",
            replacements: [("now_ms < grace then", "false then")]
        ),
        Mutant(
            description: "claims from paused queues",
            script: "step",
            replacements: [("paused[i] == 1", "false")]
        ),
        Mutant(
            description: "promotion of what is no longer there",
            script: "promote",
            replacements: [("if due and tonumber(due) * 1000 <= now_ms + 1 and not", "if not")]
        ),
        Mutant(
            description: "a process leaves with jobs in its hands",
            script: "leave",
            replacements: [("> 0 then return 0 end", "> 1e9 then return 0 end")]
        ),
        Mutant(
            description: "a rescuer that forgets to remove what it moved",
            script: "rescue",
            replacements: [("    redis.call('HDEL', inflight, claim.token)\n", "")]
        ),
        Mutant(
            description: "effects are applied though one of them cannot be",
            script: "step",
            replacements: [
                ("return trouble or planner.apply(plan)", "local late = planner.apply(plan) return trouble or late")
            ]
        ),
        Mutant(
            description: "every crash counts, shared or alone",
            script: "rescue",
            replacements: [("if crashes > 0 and not was_alone then return crashes, false end", "")]
        ),
        Mutant(
            description: "edits of what is no longer there",
            script: "edit",
            replacements: [("if is_there(edit.entry) then", "do")],
            withinSequences: 200
        ),
        Mutant(
            description: "a landing list that is not put on record",
            script: "land",
            replacements: [("redis.call('SADD', 'wingman:sources:' .. id, unpack(ARGV, 2))", "")]
        ),
    ]
}
