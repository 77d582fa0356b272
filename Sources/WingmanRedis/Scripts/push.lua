#!lua
-- push: adds jobs to their queues, or to the schedule. No allow-oom: without memory it fails, before anything is
-- written, and the caller is told.
--
-- ARGV  how many queues, and for each of them name, how many jobs, jobs …; then (due in seconds, job) …
-- reply how many were added
--#include _sets

local function check(key, wanted)
    local found = redis.call('TYPE', key).ok
    if found == wanted or found == 'none' then return nil end
    return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. found .. ', not a ' .. wanted .. '; nothing was pushed')
end

-- First everything that can be wrong, so that nothing is half pushed.
local queues, names, at = {}, {}, 2
for i = 1, tonumber(ARGV[1]) do
    local count = tonumber(ARGV[at + 1])
    queues[i] = { key = 'queue:' .. ARGV[at], from = at + 2, to = at + 1 + count }
    names[i] = ARGV[at]
    at = at + 2 + count
end
local wrong = check('queues', 'set') or (at <= #ARGV and check('schedule', 'zset'))
for _, queue in ipairs(queues) do wrong = wrong or check(queue.key, 'list') end
if wrong then return wrong end
for i = at, #ARGV, 2 do
    local due = tonumber(ARGV[i])
    if not due or due ~= due then return redis.error_reply('ERR due time is not a number; nothing was pushed') end
end

local added = 0
if #names > 0 then redis.call('SADD', 'queues', unpack(names)) end
for _, queue in ipairs(queues) do
    for from = queue.from, queue.to, 1000 do
        redis.call('LPUSH', queue.key, unpack(ARGV, from, math.min(from + 999, queue.to)))
    end
    added = added + queue.to - queue.from + 1
end
for i = at, #ARGV, 2 do
    local trouble = add_to_set('schedule', ARGV[i], ARGV[i + 1])
    if trouble then return redis.error_reply(trouble) end
    added = added + 1
end
return added
