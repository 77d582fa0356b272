#!lua flags=allow-oom
-- lead: takes or keeps leadership of a role.
--
-- ARGV  role, process, for how many ms
-- reply term while this process leads, 0 while another does
local role, id = 'wingman:lead:' .. ARGV[1], ARGV[2]
local held = redis.call('GET', role)
if held then
    local term, leader = string.match(held, '^(%d+)|(.*)$')
    if leader ~= id then return 0 end
    redis.call('PEXPIRE', role, ARGV[3])
    return tonumber(term)
end
-- If we die here: a term nobody had is no harm, one that two had is.
local term = redis.call('HINCRBY', 'wingman:terms', ARGV[1], 1)
redis.call('SET', role, string.format('%.0f', term) .. '|' .. id, 'PX', ARGV[3])
return term
