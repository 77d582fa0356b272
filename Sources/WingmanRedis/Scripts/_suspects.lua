-- Suspects: jobs that were in flight when a process died, by the SHA-1 of their raw bytes, in one sorted set. Once all
-- are cleared nothing is left of it, and one EXISTS tells a step that there are none.
--
-- Score: time of the last crash in ms, times four, plus the crashes (1 to 3).
local suspects, suspicion_ms = 'wingman:suspects', 259200000 -- 72 h

-- How many crashes a score stands for; one that is old enough, or missing, none.
local function crashes_of(score)
    local number = tonumber(score or '')
    if not number then return 0 end
    local crashes = number % 4
    if (number - crashes) / 4 < now_ms - suspicion_ms then return 0 end
    return crashes
end

local function crashes_of_job(job)
    return crashes_of(redis.call('ZSCORE', suspects, redis.sha1hex(job)))
end

local function suspect(job, crashes)
    redis.call('ZADD', suspects, now_ms * 4 + crashes, redis.sha1hex(job))
end

local function clear_suspicion(job)
    redis.call('ZREM', suspects, redis.sha1hex(job))
end
