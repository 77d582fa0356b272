internal import HiredisNIO

/// The Lua scripts of the protocol, one file each in `Scripts/`.
///
/// Redis' Lua has no includes: a line `--#include _name` stands for the file `_name.lua`, and is replaced here.
struct ScriptLibrary: Sendable {
    let abandon, apply, beat, counts, due, edit, executions, inflight, isolate, land, lead, leave: RedisScript
    let pause, processes, promote, push, rescue, resign, signal, step, unland: RedisScript

    /// The scripts as they are.
    static let standard = ScriptLibrary()

    /// - Parameter rewrite: gets name and whole source of each script; the model test breaks them on purpose.
    init(rewriting rewrite: (_ name: String, _ source: String) -> String = { $1 }) {
        func script(_ name: String, _ bytes: [UInt8]) -> RedisScript {
            RedisScript(name: name, source: rewrite(name, Self.composed(bytes)))
        }
        self.abandon = script("abandon", PackageResources.abandon_lua)
        self.apply = script("apply", PackageResources.apply_lua)
        self.beat = script("beat", PackageResources.beat_lua)
        self.counts = script("counts", PackageResources.counts_lua)
        self.due = script("due", PackageResources.due_lua)
        self.edit = script("edit", PackageResources.edit_lua)
        self.executions = script("executions", PackageResources.executions_lua)
        self.inflight = script("inflight", PackageResources.inflight_lua)
        self.isolate = script("isolate", PackageResources.isolate_lua)
        self.land = script("land", PackageResources.land_lua)
        self.lead = script("lead", PackageResources.lead_lua)
        self.leave = script("leave", PackageResources.leave_lua)
        self.pause = script("pause", PackageResources.pause_lua)
        self.processes = script("processes", PackageResources.processes_lua)
        self.promote = script("promote", PackageResources.promote_lua)
        self.push = script("push", PackageResources.push_lua)
        self.rescue = script("rescue", PackageResources.rescue_lua)
        self.resign = script("resign", PackageResources.resign_lua)
        self.signal = script("signal", PackageResources.signal_lua)
        self.step = script("step", PackageResources.step_lua)
        self.unland = script("unland", PackageResources.unland_lua)
    }

    /// All of them, to be loaded on every new connection.
    var all: [RedisScript] {
        [
            self.abandon, self.apply, self.beat, self.counts, self.due, self.edit, self.executions, self.inflight,
            self.isolate,
            self.land, self.lead, self.leave, self.pause, self.processes, self.promote, self.push,
            self.rescue, self.resign, self.signal, self.step, self.unland,
        ]
    }

    static let fragments: [String: [UInt8]] = [
        "_calendar": PackageResources._calendar_lua,
        "_claim": PackageResources._claim_lua,
        "_effects": PackageResources._effects_lua,
        "_grave": PackageResources._grave_lua,
        "_landing": PackageResources._landing_lua,
        "_sets": PackageResources._sets_lua,
        "_settle": PackageResources._settle_lua,
        "_suspects": PackageResources._suspects_lua,
        "_time": PackageResources._time_lua,
    ]

    private static func composed(_ bytes: [UInt8]) -> String {
        let include = "--#include "
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let composed = lines.map { line -> Substring in
            guard line.hasPrefix(include) else { return line }
            // An unknown fragment stays as the comment that it is: the tests look for such lines.
            guard let fragment = Self.fragments[String(line.dropFirst(include.count))] else { return line }
            return Substring(String(decoding: fragment, as: UTF8.self))
        }
        return composed.joined(separator: "\n")
    }
}
