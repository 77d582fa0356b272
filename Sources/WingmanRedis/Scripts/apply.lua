#!lua
-- apply: applies effects, if all conditions hold. No allow-oom: it may add to memory, so without room it fails before
-- anything is written.
--
-- ARGV  how many words of conditions, conditions …, effects … (as in _effects); a condition:
--         n absent key · e equals key, value · m contains key, member · l lacks key, member · t reached time in ms · g departed process
-- reply 'applied', now in ms | 'refused', now, number of the first condition that does not hold (from 0) | 'wrong', text
--#include _time
--#include _landing
--#include _sets
--#include _effects

-- A condition on a key of another type does not hold.
local function has(key, member, wanted)
    local found = redis.pcall('SISMEMBER', key, member)
    return found == wanted
end

-- A process has gone when it is in no register but that of graves, and nothing of it lies anywhere but at its sources.
local function has_departed(id)
    if redis.call('ZSCORE', 'wingman:leases', id) or redis.call('ZSCORE', 'wingman:draining', id) then return false end
    if redis.call('EXISTS', 'wingman:inflight:' .. id) == 1 then return false end
    return not has_landed(id, redis.call('SMEMBERS', 'wingman:sources:' .. id))
end

local tests = {
    n = function(at) return redis.call('EXISTS', ARGV[at]) == 0, at + 1 end,
    e = function(at) return redis.pcall('GET', ARGV[at]) == ARGV[at + 1], at + 2 end,
    m = function(at) return has(ARGV[at], ARGV[at + 1], 1), at + 2 end,
    l = function(at) return has(ARGV[at], ARGV[at + 1], 0), at + 2 end,
    t = function(at) return now_ms >= tonumber(ARGV[at]), at + 1 end,
    g = function(at) return has_departed(ARGV[at]), at + 1 end,
}

local now, at, number = string.format('%.0f', now_ms), 2, 0
local effects_at = 2 + ARGV[1]
while at < effects_at do
    local holds
    holds, at = tests[ARGV[at]](at + 1)
    if not holds then return { 'refused', now, number } end
    number = number + 1
end

local planner = effect_planner()
local plan = planner.new()
local trouble = planner.add(plan, at, #ARGV + 1) or planner.apply(plan)
if trouble then return { 'wrong', trouble } end
return { 'applied', now }
