#!lua flags=allow-oom
-- rescue: takes from dead processes what they held, back to the heads of its sources.
--
-- ARGV  how many jobs at most
-- reply how many moved, 1 if more is waiting else 0, how many went to quarantine, ms until there may be more (-1: nobody
--       has a lease), ended processes …
--
-- A second rescuer at the same time finds nothing to do: every move is a step of its own that leaves the job in one
-- place. If we die between a push and its removal, the job is in both places and runs twice; never in none.
--#include _time
--#include _landing
--#include _sets
--#include _suspects
--#include _effects
--#include _settle
--#include _grave

local left = tonumber(ARGV[1])
local hour_ms = 3600000

-- Not in a grace, nor before anyone has beaten again after an outage: all leases look expired then.
local state = redis.call('HMGET', 'wingman:clock', 'last', 'lease', 'grace')
local last, lease_ms, grace = tonumber(state[1] or ''), tonumber(state[2] or 0), tonumber(state[3] or 0)

-- When a call may find something: not before the grace ends, nor, unless something is being emptied, before a lease does.
local function next_look()
    local first = redis.call('ZRANGE', 'wingman:leases', 0, 0, 'WITHSCORES')[2]
    if not first then return -1 end
    local draining = redis.call('EXISTS', 'wingman:draining') == 1 and now_ms < grace
    return math.max(0, grace - now_ms, draining and 0 or tonumber(first) + 1 - now_ms)
end

if not last or now_ms < last or now_ms - last > lease_ms / 2 then
    grace = now_ms + math.floor(lease_ms * 2 / 5) -- the next beat begins one
    return { 0, 0, 0, next_look() }
end
if now_ms < grace then return { 0, 0, 0, next_look() } end

-- Fence. From here on the process is answered 'fenced' whatever it asks. The verdict on what it held is taken here,
-- for emptying it may take several calls: a process that ran out of its lease convicts, but not one of several of a
-- machine on which nobody is left, for then it was the machine.
redis.call('ZREMRANGEBYSCORE', suspects, '-inf', '(' .. (now_ms - suspicion_ms) * 4)
local function host_of(id) return string.match(id, '^[^:]*') end
local ended, deaths = redis.call('ZRANGEBYSCORE', 'wingman:leases', '-inf', now_ms), {}
for _, id in ipairs(ended) do
    deaths[host_of(id)] = (deaths[host_of(id)] or 0) + 1
    redis.call('ZADD', 'wingman:draining', now_ms, id)
    redis.call('ZREM', 'wingman:leases', id)
end
local function is_host_alive(host)
    for _, id in ipairs(redis.call('ZRANGE', 'wingman:leases', 0, -1)) do
        if host_of(id) == host then return true end
    end
    return false
end
for _, id in ipairs(ended) do
    if deaths[host_of(id)] == 1 or is_host_alive(host_of(id)) then
        redis.call('HSET', 'wingman:seq:' .. id, 'convicts', 1)
    end
end

local moved, quarantined = 0, 0
local function empty_landings(id, sources)
    for _, source in ipairs(sources) do moved = moved + take_off(id, source, left - moved - quarantined) end
end

-- The crashes of a job that was in flight, and whether this one counts: the first does, and that of one that ran alone.
local function convict(job, was_alone)
    local crashes = crashes_of_job(job)
    if crashes > 0 and not was_alone then return crashes, false end
    return math.min(crashes + 1, 3), true
end

-- What ended three processes goes to quarantine; a message goes back, for its consumer to put away.
local function quarantine(inflight, claim, job)
    if add_to_set('wingman:quarantine', now_text, job) then return end
    redis.call('HDEL', inflight, claim.token)
    clear_suspicion(job)
    quarantined = quarantined + 1
end

-- A claim whose token is none of ours has no source: nobody else would ever find its job.
local function bury_foreign(inflight, claim, job)
    if add_to_set('dead', now_text, job) then return end
    redis.call('HDEL', inflight, claim.token)
    moved = moved + 1
end

local function empty_inflight(inflight, convicts, isolated)
    local claims = {}
    for _, token in ipairs(redis.call('HKEYS', inflight)) do claims[#claims + 1] = parsed_token(token) end
    table.sort(claims, is_newer)
    for _, claim in ipairs(claims) do
        if moved + quarantined >= left then return end
        local job, crashes, counts = nil, 0, false
        if convicts or not claim.source then job = redis.call('HGET', inflight, claim.token) end
        if convicts then crashes, counts = convict(job, isolated == claim.token) end
        if not claim.source then
            bury_foreign(inflight, claim, job)
        elseif crashes == 3 and string.sub(claim.source, 1, 6) == 'queue:' then
            quarantine(inflight, claim, job)
        elseif give_back_one(inflight, claim) == 'O' then
            moved = moved + 1
            if counts then suspect(job, crashes) end
        end
    end
end

local more = 0
for _, id in ipairs(redis.call('ZRANGE', 'wingman:draining', 0, -1)) do
    local inflight, sources = 'wingman:inflight:' .. id, redis.call('SMEMBERS', 'wingman:sources:' .. id)
    empty_landings(id, sources) -- newer than anything in flight of the same source, hence first
    local verdict = redis.call('HMGET', 'wingman:seq:' .. id, 'convicts', 'isolated')
    empty_inflight(inflight, verdict[1], verdict[2])
    if redis.call('EXISTS', inflight) == 0 and not has_landed(id, sources) then
        bury_process(id, now_ms)
    elseif moved + quarantined >= left then
        more = 1
        break
    end
end

-- Graves: what landed after its process was emptied.
for _, id in ipairs(redis.call('ZRANGE', 'wingman:graves', 0, -1)) do
    if moved + quarantined >= left then break end
    local sources = redis.call('SMEMBERS', 'wingman:sources:' .. id)
    if has_landed(id, sources) then
        empty_landings(id, sources)
    elseif tonumber(redis.call('ZSCORE', 'wingman:graves', id)) < now_ms - hour_ms then
        redis.call('ZREM', 'wingman:graves', id)
        redis.call('UNLINK', 'wingman:sources:' .. id)
    end
end

local reply = { moved, more, quarantined, next_look() }
for _, id in ipairs(ended) do reply[#reply + 1] = id end
return reply
