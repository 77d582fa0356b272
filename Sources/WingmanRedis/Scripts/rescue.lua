#!lua flags=allow-oom
-- rescue: takes from dead processes what they held, back to the heads of its sources.
--
-- ARGV  how many jobs at most
-- reply how many moved, 1 if more is waiting else 0, ended processes …
--
-- A second rescuer at the same time finds nothing to do: every move is a step of its own that leaves the job in one
-- place. If we die between a push and its removal, the job is in both places and runs twice; never in none.
--#include _time
--#include _landing
--#include _sets
--#include _settle
--#include _grave

local left = tonumber(ARGV[1])
local hour_ms = 3600000

-- Not in a grace, nor before anyone has beaten again after an outage: all leases look expired then.
local state = redis.call('HMGET', 'wingman:clock', 'last', 'lease', 'grace')
local last, lease_ms, grace = tonumber(state[1] or ''), tonumber(state[2] or 0), tonumber(state[3] or 0)
if not last or now_ms < last or now_ms - last > lease_ms / 2 or now_ms < grace then return { 0, 0 } end

-- Fence. From here on the process is answered 'fenced' whatever it asks.
local ended = redis.call('ZRANGEBYSCORE', 'wingman:leases', '-inf', now_ms)
for _, id in ipairs(ended) do
    redis.call('ZADD', 'wingman:draining', now_ms, id)
    redis.call('ZREM', 'wingman:leases', id)
end

local moved = 0
local function empty_landings(id, sources)
    for _, source in ipairs(sources) do moved = moved + take_off(id, source, left - moved) end
end

local function empty_inflight(inflight)
    local claims = {}
    for _, token in ipairs(redis.call('HKEYS', inflight)) do claims[#claims + 1] = parsed_token(token) end
    table.sort(claims, is_newer)
    for _, claim in ipairs(claims) do
        if moved >= left then return end
        if give_back_one(inflight, claim) == 'O' then moved = moved + 1 end
    end
end

local more = 0
for _, id in ipairs(redis.call('ZRANGE', 'wingman:draining', 0, -1)) do
    local inflight, sources = 'wingman:inflight:' .. id, redis.call('SMEMBERS', 'wingman:sources:' .. id)
    empty_landings(id, sources) -- newer than anything in flight of the same source, hence first
    empty_inflight(inflight)
    if redis.call('EXISTS', inflight) == 0 and not has_landed(id, sources) then
        bury_process(id, now_ms)
    elseif moved >= left then
        more = 1
        break
    end
end

-- Graves: what landed after its process was emptied.
for _, id in ipairs(redis.call('ZRANGE', 'wingman:graves', 0, -1)) do
    if moved >= left then break end
    local sources = redis.call('SMEMBERS', 'wingman:sources:' .. id)
    if has_landed(id, sources) then
        empty_landings(id, sources)
    elseif tonumber(redis.call('ZSCORE', 'wingman:graves', id)) < now_ms - hour_ms then
        redis.call('ZREM', 'wingman:graves', id)
        redis.call('UNLINK', 'wingman:sources:' .. id)
    end
end

local reply = { moved, more }
for _, id in ipairs(ended) do reply[#reply + 1] = id end
return reply
