#!lua flags=no-writes
-- counts: how much is where.
--
-- reply in flight, scheduled, of them due, retries, of them due, dead, processed, failed, (queue, length) …
--#include _time
--#include _landing

local function length(command, key)
    local n = redis.pcall(command, key)
    return type(n) == 'number' and n or 0
end
local function due(set)
    local n = redis.pcall('ZCOUNT', set, '-inf', now_text)
    return type(n) == 'number' and n or 0
end

local held = 0
for _, owners in ipairs({ 'wingman:leases', 'wingman:draining', 'wingman:graves' }) do
    for _, id in ipairs(redis.call('ZRANGE', owners, 0, -1)) do
        held = held + length('HLEN', 'wingman:inflight:' .. id)
        for _, source in ipairs(redis.call('SMEMBERS', 'wingman:sources:' .. id)) do
            held = held + length('LLEN', landing_list(id, source))
        end
    end
end

local reply = {
    held, length('ZCARD', 'schedule'), due('schedule'), length('ZCARD', 'retry'), due('retry'), length('ZCARD', 'dead'),
    redis.call('GET', 'stat:processed') or '0', redis.call('GET', 'stat:failed') or '0',
}
for _, queue in ipairs(redis.call('SMEMBERS', 'queues')) do
    reply[#reply + 1] = queue
    reply[#reply + 1] = length('LLEN', 'queue:' .. queue)
end
return reply
