-- A number spelt in JSON's four kinds of white space.
local function blank(number)
    local text = ''
    repeat
        local digit = number % 4
        text = string.sub(' \t\n\r', digit + 1, digit + 1) .. text
        number = math.floor(number / 4)
    until number == 0
    return text
end

-- Adds a job to a sorted set; returns an error's text, or nil.
-- An equal member would collapse two jobs into one, so a twin gets a trailing space, which JSON permits. Beyond a few
-- twins each gets a blank of its own from a counter: trying one space more for each of thousands would block the store.
local function add_to_set(set, score, job)
    local added = redis.pcall('ZADD', set, 'NX', score, job)
    local twins = 0
    while added == 0 do
        twins = twins + 1
        job = job .. (twins <= 8 and ' ' or blank(redis.call('INCR', 'wingman:twins')))
        added = redis.pcall('ZADD', set, 'NX', score, job)
    end
    if added ~= 1 then return added.err end
end

-- Sidekiq's limits of the dead set: 180 days, 10,000 jobs (Sidekiq itself keeps one less, by mistake).
local function trim_dead(now_seconds)
    redis.pcall('ZREMRANGEBYSCORE', 'dead', '-inf', now_seconds - 15552000)
    redis.pcall('ZREMRANGEBYRANK', 'dead', 0, -10001)
end
