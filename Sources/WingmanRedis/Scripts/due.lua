#!lua flags=no-writes
-- due: the entries of a set whose time has come, oldest first, and how long until the next one that is not yet due.
--
-- ARGV  set, how many at most
-- reply milliseconds until the next, or -1, entries …
--#include _time

local set, limit = ARGV[1], tonumber(ARGV[2])
local portion_bytes = 4194304 -- a reply ends here: entries may be large
local entries, bytes = {}, 0
while #entries < limit and bytes < portion_bytes do
    local portion = math.min(limit - #entries, 100)
    local got = redis.call('ZRANGE', set, '-inf', now_text, 'BYSCORE', 'LIMIT', #entries, portion)
    for _, entry in ipairs(got) do
        entries[#entries + 1] = entry
        bytes = bytes + #entry
    end
    if #got < portion then break end
end

local following = redis.call('ZRANGE', set, '(' .. now_text, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
local wait = -1
if following[2] then wait = math.max(0, math.ceil(tonumber(following[2]) * 1000 - now_us / 1000)) end
table.insert(entries, 1, wait)
return entries
