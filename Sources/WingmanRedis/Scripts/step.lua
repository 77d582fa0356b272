#!lua flags=allow-oom
-- step: settles finished jobs and claims new ones, exactly once per (process, lane, number).
--
-- ARGV  process, lane, number, how many to claim, how many sources, their keys …, then runs of settlements alike:
--       outcome, tally (p processed, f failed, n none), how many, and for each of them
--         d done              token
--         g give back         token
--         r retry, s schedule token, delay in ms, payload
--         l later             token, delay in ms, payload, set
--         k dead              token, payload
--         a append            token, list, payload
--         e with effects      one of those letters and its fields, how many words, effects … (as in _effects)
-- reply 'fenced' | 'gap', last | 'ok', lease expired (0 or 1), answers ("OOSE…"), claim time,
--       how many errors, their texts … (one per E), how many troubles with sources, their texts …,
--       how many sources gave jobs, (key, count) …, how many suspects, (i, crashes) …, jobs …
--       The token of the i-th job is lane:number:i:claim time:key.
--
-- Nothing here may raise an error once it has written: Lua errors roll nothing back. If we die in the middle, Redis
-- has written nothing of this step to its log, or all of it.
--#include _time
--#include _calendar
--#include _sets
--#include _landing
--#include _suspects
--#include _effects
--#include _settle
--#include _claim

local id, lane, number = ARGV[1], ARGV[2], tonumber(ARGV[3])
local wanted, source_count = tonumber(ARGV[4]), tonumber(ARGV[5])
local inflight, seq, answer_field = 'wingman:inflight:' .. id, 'wingman:seq:' .. id, lane .. ':answer'

local function token_of(i, stamp, source)
    return lane .. ':' .. ARGV[3] .. ':' .. i .. ':' .. stamp .. ':' .. source
end

local function flat(record, troubles)
    local reply, runs = { 'ok', record[5], record[1], record[2], #record[3] }, record[4]
    for _, text in ipairs(record[3]) do reply[#reply + 1] = text end
    reply[#reply + 1] = #troubles
    for _, text in ipairs(troubles) do reply[#reply + 1] = text end
    reply[#reply + 1] = #runs / 2
    for _, value in ipairs(runs) do reply[#reply + 1] = value end
    local crashes = record[6] or {}
    reply[#reply + 1] = #crashes / 2
    for _, value in ipairs(crashes) do reply[#reply + 1] = value end
    return reply
end

-- Calls visit(i, token) for each claim of a record.
local function each_claim(stamp, runs, visit)
    local i = 0
    for run = 1, #runs, 2 do
        for _ = 1, runs[run + 1] do
            i = i + 1
            visit(i, token_of(i, stamp, runs[run]))
        end
    end
end

local lease = redis.call('ZSCORE', 'wingman:leases', id)
if not lease then return { 'fenced' } end
local recorded = redis.call('HMGET', seq, lane, answer_field, 'stamp')
local last = tonumber(recorded[1] or 0)

-- The same step again: the recorded answer, its jobs read anew from what is in flight. Nothing is redone.
if number == last then
    local record = cmsgpack.unpack(recorded[2])
    local reply = flat(record, {})
    each_claim(record[2], record[4], function(_, token) reply[#reply + 1] = redis.call('HGET', inflight, token) end)
    return reply
end
if number ~= last + 1 then return { 'gap', last } end
redis.call('HLEN', inflight) -- of the wrong type: refused here, before anything is written

local suspected = redis.call('EXISTS', suspects) == 1
local answers, texts, processed, failed = settle_all(inflight, 6 + source_count, suspected)

-- Statistics as Sidekiq counts them: every execution is processed, failed ones also failed.
local function count_up(what, n)
    if n == 0 then return end
    local daily = string.format('stat:%s:%04d-%02d-%02d', what, civil(math.floor(clock[1] / 86400)))
    redis.pcall('INCRBY', 'stat:' .. what, n)
    if redis.pcall('INCRBY', daily, n) == n then redis.pcall('EXPIRE', daily, 157680000) end
end
count_up('processed', processed)
count_up('failed', failed)

-- Not under an expired lease: a rescuer may be about to take everything from us.
local expired = tonumber(lease) <= now_ms
local jobs, runs, troubles = {}, {}, {}
if wanted > 0 and source_count > 0 and not expired then
    jobs, runs, troubles = claim_jobs(id, { unpack(ARGV, 6, 5 + source_count) }, wanted)
end
-- Later claims of a process have greater stamps, by which they go back in order, also when the clock was set back.
local stamp = string.format('%.0f', math.max(now_us, tonumber(recorded[3] or 0) + 1))
if #jobs > 0 then
    local fields = {}
    each_claim(stamp, runs, function(i, token)
        fields[2 * i - 1] = token
        fields[2 * i] = jobs[i]
    end)
    redis.call('HSET', inflight, unpack(fields))
end

-- What is suspected of having ended processes runs alone: the claim says how often.
local crashes = nil
if suspected and #jobs > 0 then
    local digests = {}
    for i, job in ipairs(jobs) do digests[i] = redis.sha1hex(job) end
    crashes = {}
    for i, score in ipairs(redis.call('ZMSCORE', suspects, unpack(digests))) do
        if crashes_of(score) > 0 then
            crashes[#crashes + 1] = i
            crashes[#crashes + 1] = crashes_of(score)
        end
    end
end

local errors = {}
for i, answer in ipairs(answers) do
    if answer == 'E' then errors[#errors + 1] = texts[i] end
end
local record = { table.concat(answers), stamp, errors, runs, expired and 1 or 0, crashes }
redis.call('HSET', seq, lane, ARGV[3], answer_field, cmsgpack.pack(record), 'stamp', stamp)

local reply = flat(record, troubles)
for _, job in ipairs(jobs) do reply[#reply + 1] = job end
return reply
