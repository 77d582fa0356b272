#!lua flags=allow-oom
-- unland: puts what landed back to the heads of its sources. Asked by a process that has ended its blocked calls
-- (busy, or stopping) and does not mean to claim what they brought.
--
-- ARGV  process, keys of sources … (none: all on record)
-- reply how many moved
--#include _landing

local id, moved = ARGV[1], 0
local sources = { unpack(ARGV, 2) }
if #sources == 0 then sources = redis.call('SMEMBERS', 'wingman:sources:' .. id) end
for _, source in ipairs(sources) do moved = moved + take_off(id, source, 1000) end
return moved
