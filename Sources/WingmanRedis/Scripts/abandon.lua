#!lua flags=allow-oom
-- abandon: ends a lease now; everything the process holds is the rescuer's.
--
-- ARGV  process
-- reply 1
--#include _time

-- If we die between the two: in both sets, which is fenced at the next rescue.
if redis.call('ZSCORE', 'wingman:leases', ARGV[1]) then
    redis.call('ZADD', 'wingman:draining', now_ms, ARGV[1])
    redis.call('ZREM', 'wingman:leases', ARGV[1])
end
return 1
