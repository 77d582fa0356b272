#!lua flags=no-writes
-- counts: how much is where.
--
-- reply scheduled, of them due, retries, of them due, dead, quarantined, processed, failed,
--       how many sources have jobs in flight, (key, count) …, (queue, length) …
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

-- Claimed and landed, by source.
local held, sources = {}, 0
local function hold(source, n)
    if n == 0 then return end
    if not held[source] then sources = sources + 1 end
    held[source] = (held[source] or 0) + n
end
for _, owners in ipairs({ 'wingman:leases', 'wingman:draining', 'wingman:graves' }) do
    for _, id in ipairs(redis.call('ZRANGE', owners, 0, -1)) do
        local tokens = redis.pcall('HKEYS', 'wingman:inflight:' .. id)
        for _, token in ipairs(tokens.err and {} or tokens) do hold(string.match(token, '^%d+:%d+:%d+:%d+:(.+)$') or '', 1) end
        for _, source in ipairs(redis.call('SMEMBERS', 'wingman:sources:' .. id)) do
            hold(source, length('LLEN', landing_list(id, source)))
        end
    end
end

local reply = {
    length('ZCARD', 'schedule'), due('schedule'), length('ZCARD', 'retry'), due('retry'), length('ZCARD', 'dead'),
    length('ZCARD', 'wingman:quarantine'), redis.call('GET', 'stat:processed') or '0',
    redis.call('GET', 'stat:failed') or '0', sources,
}
for source, n in pairs(held) do
    reply[#reply + 1] = source
    reply[#reply + 1] = n
end
for _, queue in ipairs(redis.call('SMEMBERS', 'queues')) do
    reply[#reply + 1] = queue
    reply[#reply + 1] = length('LLEN', 'queue:' .. queue)
end
return reply
