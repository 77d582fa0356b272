#!lua flags=no-writes
-- inflight: which of these jobs are held by a process, alive or not, or have landed at one.
--
-- ARGV  jids
-- reply those of them that were found
--#include _landing

local reply, found = {}, {}

-- Whether `job` has `jid` as the value of a member "jid"; the text of a jid alone may stand in another job's arguments.
local function is_of(job, jid)
    local quoted, at = '"' .. jid .. '"', 1
    while true do
        local first, last = string.find(job, quoted, at, true)
        if not first then return false end
        if string.find(string.sub(job, math.max(1, first - 16), first - 1), '"jid"%s*:%s*$') then return true end
        at = last
    end
end

local function look(jobs)
    for _, job in ipairs(jobs.err and {} or jobs) do
        for _, jid in ipairs(ARGV) do
            if not found[jid] and is_of(job, jid) then
                found[jid] = true
                reply[#reply + 1] = jid
            end
        end
    end
end

for _, owners in ipairs({ 'wingman:leases', 'wingman:draining', 'wingman:graves' }) do
    for _, id in ipairs(redis.call('ZRANGE', owners, 0, -1)) do
        look(redis.pcall('HVALS', 'wingman:inflight:' .. id))
        for _, source in ipairs(redis.call('SMEMBERS', 'wingman:sources:' .. id)) do
            look(redis.pcall('LRANGE', landing_list(id, source), 0, -1))
        end
    end
end
return reply
