#!lua flags=allow-oom
-- land: asked before a process blocks on its sources. Records where jobs may land, so that a rescuer looks there.
--
-- ARGV  process, keys of sources …
-- reply 0 if its lease is missing or has expired (do not block), else 1; then for each source 1 if it is paused
--#include _time

local id = ARGV[1]
local lease = redis.call('ZSCORE', 'wingman:leases', id)
if not lease or tonumber(lease) <= now_ms then return { 0 } end

-- If we die here: a source on record where nothing lands is harmless, the other way round strands a job.
redis.call('SADD', 'wingman:sources:' .. id, unpack(ARGV, 2))
local reply = { 1 }
for i = 2, #ARGV do
    local name = string.match(ARGV[i], '^queue:(.*)$')
    reply[i] = name and redis.call('SISMEMBER', 'paused', name) or 0
end
return reply
