#!lua flags=allow-oom
-- beat: registers a process or renews its lease, and publishes what Sidekiq's pages show.
--
-- ARGV  process, kind (new or renew), lease in ms, number of this beat, info, concurrency, quiet ("true" or "false"),
--       rss, rtt_us, how many running jobs, (thread, JSON) …, how many job classes, and for each of them
--       name, processed, failed, milliseconds, how many histogram entries, (bucket, count) …
-- reply 'refused' | 'alive', how many signals, signals …, (lane, last step number) …
--
-- The same number again renews and publishes again, but counts its figures once and repeats its signals.
--#include _time
--#include _calendar

local id, kind, lease_ms, number = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local seq = 'wingman:seq:' .. id

-- The clock. If nobody beat for over half a lease, or the time went back, then the store was away or its clock was
-- set: nobody is rescued until all have had the chance to beat twice (6 s for a lease of 15).
local last = tonumber(redis.call('HGET', 'wingman:clock', 'last') or '')
local grace_ms = math.floor(lease_ms * 2 / 5)
if last and now_ms < last then
    for _, member in ipairs(redis.call('ZRANGE', 'wingman:leases', 0, -1)) do
        redis.call('ZADD', 'wingman:leases', now_ms + lease_ms, member)
    end
end
if not last or now_ms < last or now_ms - last > lease_ms / 2 then
    redis.call('HSET', 'wingman:clock', 'grace', now_ms + grace_ms)
end
redis.call('HSET', 'wingman:clock', 'last', now_ms, 'lease', lease_ms)

-- The lease. One that has expired but that nobody fenced yet is revived.
local known = redis.call('ZSCORE', 'wingman:leases', id)
if kind == 'new' then
    local used = known
        or redis.call('ZSCORE', 'wingman:draining', id)
        or redis.call('ZSCORE', 'wingman:graves', id)
        or redis.call('EXISTS', 'wingman:inflight:' .. id, seq) > 0
    if used then return { 'refused' } end
elseif not known then
    return { 'refused' }
end
redis.call('ZADD', 'wingman:leases', now_ms + lease_ms, id)

-- Once per number: executions for the metrics page, and the signals of the page's buttons. A late duplicate of an
-- older beat gets neither.
local function count_executions(at)
    local year, month, day = civil(math.floor(clock[1] / 86400))
    local minutes = math.floor(clock[1] / 60) % 1440
    local hour, minute = math.floor(minutes / 60), minutes % 60
    local by_minute = string.format('j|%02d%02d%02d|%d:%02d', year % 100, month, day, hour, minute)
    local keeps = { [by_minute] = 28800, [string.sub(by_minute, 1, -2)] = 259200 }
    for _ = 1, tonumber(ARGV[at]) do
        local class, buckets = ARGV[at + 1], tonumber(ARGV[at + 5])
        for key, seconds in pairs(keeps) do
            redis.pcall('HINCRBY', key, class .. '|p', ARGV[at + 2])
            redis.pcall('HINCRBY', key, class .. '|f', ARGV[at + 3])
            redis.pcall('HINCRBY', key, class .. '|ms', ARGV[at + 4])
            redis.pcall('EXPIRE', key, seconds)
        end
        local histogram = string.format('h|%s-%d-%d:%d', class, day, hour, minute)
        for bucket = at + 6, at + 5 + 2 * buckets, 2 do
            local offset, count = '#' .. ARGV[bucket], ARGV[bucket + 1]
            redis.pcall('BITFIELD', histogram, 'OVERFLOW', 'SAT', 'INCRBY', 'u16', offset, count)
        end
        if buckets > 0 then redis.pcall('EXPIRE', histogram, 28800) end
        at = at + 5 + 2 * buckets
    end
end

local recorded = redis.call('HMGET', seq, 'beat', 'signals')
local last_number, signals = tonumber(recorded[1] or 0), ''
if number >= last_number then
    if number > last_number then
        count_executions(11 + 2 * tonumber(ARGV[10]))
    else
        signals = recorded[2] or ''
    end
    local sent = redis.pcall('RPOP', id .. '-signals', 100)
    for _, signal in ipairs(sent or {}) do signals = signals .. signal .. ' ' end
    redis.call('HSET', seq, 'beat', ARGV[4], 'signals', signals)
end

-- What Sidekiq's pages read: version 8 the running jobs by `work`, version 6 by `workers`. A failure here must not
-- cost the lease: hence pcall.
redis.pcall('SADD', 'processes', id)
redis.pcall('HSET', id, 'info', ARGV[5], 'concurrency', ARGV[6], 'busy', ARGV[10], 'beat', now_text,
    'quiet', ARGV[7], 'rss', ARGV[8], 'rtt_us', ARGV[9])
redis.pcall('EXPIRE', id, 60)
for _, key in ipairs({ id .. ':work', id .. ':workers' }) do
    redis.pcall('UNLINK', key)
    for i = 11, 9 + 2 * tonumber(ARGV[10]), 2 do redis.pcall('HSET', key, ARGV[i], ARGV[i + 1]) end
    redis.pcall('EXPIRE', key, 60)
end

local words = {}
for word in string.gmatch(signals, '%S+') do words[#words + 1] = word end
local reply = { 'alive', #words }
for _, word in ipairs(words) do reply[#reply + 1] = word end
for _, field in ipairs(redis.call('HKEYS', seq)) do
    if tonumber(field) then
        reply[#reply + 1] = field
        reply[#reply + 1] = redis.call('HGET', seq, field)
    end
end
return reply
