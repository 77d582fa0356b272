#!lua
-- recurring: pushes a recurring job if its occurrence is due and nobody pushed it yet. No allow-oom: it is a push.
--
-- ARGV  id, specification, expected occurrence in ms (or ''), the one after it, queue, payload, due in s (or '')
-- reply 1 if this call pushed; else 0, occurrence recorded as next, the store's time, both in ms
--#include _time
--#include _sets

local entry, specification, expected, following = 'wingman:schedule:' .. ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local record = redis.call('HMGET', entry, 'spec', 'next')
local next_ms = tonumber(record[2] or '')

-- New, or changed: starts with the occurrence after the expected one. The call that records it never pushes.
if record[1] ~= specification or not next_ms then
    next_ms = tonumber(following)
    redis.call('HSET', entry, 'spec', specification, 'next', string.format('%.0f', next_ms))
    return { 0, string.format('%.0f', next_ms), string.format('%.0f', now_ms) }
end
if expected ~= next_ms or now_ms < next_ms then
    return { 0, string.format('%.0f', next_ms), string.format('%.0f', now_ms) }
end

-- The push first: should it fail, the occurrence stays due.
if ARGV[7] ~= '' then
    local trouble = add_to_set('schedule', ARGV[7], ARGV[6])
    if trouble then return redis.error_reply(trouble) end
else
    redis.call('LPUSH', 'queue:' .. ARGV[5], ARGV[6])
    redis.call('SADD', 'queues', ARGV[5])
end
redis.call('HSET', entry, 'next', following, 'last', ARGV[3])
return { 1 }
