#!lua flags=allow-oom
-- leave: unregisters a process that holds nothing any more.
--
-- ARGV  process
-- reply 1 if it is gone (or was), 0 if it still holds jobs, which stay for the rescuer
--#include _time
--#include _landing
--#include _grave

local id = ARGV[1]
local known = redis.call('ZSCORE', 'wingman:leases', id) or redis.call('ZSCORE', 'wingman:draining', id)
if not known then return 1 end
if redis.call('EXISTS', 'wingman:inflight:' .. id) > 0 then return 0 end
if has_landed(id, redis.call('SMEMBERS', 'wingman:sources:' .. id)) then return 0 end
bury_process(id, now_ms)
return 1
