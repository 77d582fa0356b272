-- Adds a job to a sorted set; returns an error's text, or nil.
-- An equal member would collapse two jobs into one, so a twin gets a trailing space, which JSON permits.
local function add_to_set(set, score, job)
    local added = redis.pcall('ZADD', set, 'NX', score, job)
    while added == 0 do
        job = job .. ' '
        added = redis.pcall('ZADD', set, 'NX', score, job)
    end
    if added ~= 1 then return added.err end
end

-- Sidekiq's limits of the dead set: 180 days, 10,000 jobs (Sidekiq itself keeps one less, by mistake).
local function trim_dead(now_seconds)
    redis.pcall('ZREMRANGEBYSCORE', 'dead', '-inf', now_seconds - 15552000)
    redis.pcall('ZREMRANGEBYRANK', 'dead', 0, -10001)
end
