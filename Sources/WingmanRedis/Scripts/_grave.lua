-- Ends an emptied process. Its landing lists are still looked at for an hour: a BLMOVE that it sent before it was
-- stopped may fire after its rescue. If we die here: a member of two sets is only looked at twice.
local function bury_process(id, now)
    redis.call('ZADD', 'wingman:graves', now, id)
    redis.call('ZREM', 'wingman:draining', id)
    redis.call('ZREM', 'wingman:leases', id)
    redis.call('SREM', 'processes', id)
    redis.call('UNLINK', 'wingman:seq:' .. id, id, id .. ':work', id .. ':workers')
end
