#!lua flags=allow-oom
-- resign: gives leadership up, if it is this very one. A late request of an earlier term ends nothing.
--
-- ARGV  role, process, term
-- reply 1 if it ended, else 0
local role = 'wingman:lead:' .. ARGV[1]
if redis.call('GET', role) ~= ARGV[3] .. '|' .. ARGV[2] then return 0 end
return redis.call('DEL', role)
