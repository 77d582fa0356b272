#!lua flags=allow-oom
-- promote: moves due entries of a set into their queues; each only if it is still there and still due.
--
-- ARGV  set, then for each entry: what, and its fields
--         push entry, queue, payload · deliver entry, list, payload · drop entry · bury entry, payload
-- reply how many moved
--#include _time
--#include _sets

local set, moved, buried, at = ARGV[1], 0, false, 2
local queues, widths = {}, { push = 4, deliver = 4, drop = 2, bury = 3 }

-- Returns an error's text, or nil. The destination is written first: if we die here, the job is in both places.
local function destination(what)
    if what == 'drop' then return nil end
    if what == 'bury' then
        buried = true
        return add_to_set('dead', now_text, ARGV[at + 2])
    end
    local list = ARGV[at + 2]
    if what == 'push' then
        if not queues[list] then redis.pcall('SADD', 'queues', list) end
        queues[list] = true
        list = 'queue:' .. list
    end
    local pushed = redis.pcall('LPUSH', list, ARGV[at + 3])
    return type(pushed) == 'table' and pushed.err or nil
end

while at <= #ARGV do
    local what, entry = ARGV[at], ARGV[at + 1]
    local due = redis.call('ZSCORE', set, entry)
    if due and tonumber(due) * 1000 <= now_ms + 1 and not destination(what) then
        redis.call('ZREM', set, entry)
        moved = moved + 1
    end
    at = at + widths[what]
end
if buried then trim_dead(clock[1]) end
return moved
