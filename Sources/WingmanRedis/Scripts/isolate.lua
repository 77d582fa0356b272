#!lua flags=allow-oom
-- isolate: records the one job that a process runs alone. If the process dies now, it was this job's doing.
--
-- ARGV  process, token; without a token nothing runs alone any more
-- reply 1, or 0 if the process does not hold it (any more)
local id, token = ARGV[1], ARGV[2]
-- After its fence the verdict on the process is taken.
if not redis.call('ZSCORE', 'wingman:leases', id) then return 0 end
if not token then
    redis.call('HDEL', 'wingman:seq:' .. id, 'isolated')
    return 1
end
if redis.call('HEXISTS', 'wingman:inflight:' .. id, token) == 0 then return 0 end
redis.call('HSET', 'wingman:seq:' .. id, 'isolated', token)
return 1
