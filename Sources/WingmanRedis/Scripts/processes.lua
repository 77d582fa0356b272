#!lua flags=no-writes
-- processes: who beats, as published for Sidekiq's pages.
--
-- reply (process, info, busy, quiet, beat) …
local reply = {}
for _, id in ipairs(redis.call('SMEMBERS', 'processes')) do
    local shown = redis.pcall('HMGET', id, 'info', 'busy', 'quiet', 'beat')
    if shown[1] then
        reply[#reply + 1] = id
        for i = 1, 4 do reply[#reply + 1] = shown[i] or '' end
    end
end
return reply
