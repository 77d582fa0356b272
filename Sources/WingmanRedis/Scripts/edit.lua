#!lua flags=allow-oom
-- edit: deletes or moves entries of a list or a sorted set; each only if it is still there.
--
-- ARGV  'list' or 'zset', key, then for each entry: its bytes, how many words, the effect that moves it (as in _effects;
--       none deletes it)
-- reply how many were there | 'wrong', text: nothing was done
--#include _time
--#include _sets
--#include _effects

local kind, key = ARGV[1], ARGV[2]
local planner = effect_planner()
local edits, keys, at = {}, {}, 3

-- First everything that can be wrong.
local _, trouble = planner.needed(planner.new(keys), key, kind)
while at <= #ARGV and not trouble do
    local edit = { entry = ARGV[at], plan = planner.new(keys), move = at + 2 }
    at = at + 2 + ARGV[at + 1]
    trouble = planner.add(edit.plan, edit.move, at)
    edits[#edits + 1] = edit
end
if trouble then return { 'wrong', trouble } end

local function is_there(entry)
    if kind == 'zset' then return redis.call('ZSCORE', key, entry) end
    return redis.call('LPOS', key, entry, 'RANK', -1)
end
local function remove(entry)
    if kind == 'zset' then return redis.call('ZREM', key, entry) end
    return redis.call('LREM', key, -1, entry)
end
-- Another time in the same set, as the same bytes: added anew it would be taken for a twin.
local function reschedule(edit)
    local action = edit.plan.actions[1]
    if not action or action[1] ~= 'add' or action[2] ~= key or action[4] ~= edit.entry then return false end
    redis.call('ZADD', key, 'XX', action[3], edit.entry)
    return true
end

-- The destination is written first: if we die between the two, the entry is in both places, never in none.
local found = 0
for _, edit in ipairs(edits) do
    if is_there(edit.entry) then
        found = found + 1
        if not reschedule(edit) then
            trouble = planner.apply(edit.plan)
            if trouble then return { 'wrong', trouble } end
            remove(edit.entry)
        end
    end
end
return { found }
