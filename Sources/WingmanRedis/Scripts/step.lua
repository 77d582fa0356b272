#!lua flags=allow-oom
-- step: settles finished jobs and claims new ones, exactly once per (process, lane, number).
--
-- ARGV  process, lane, number, how many to claim, how many sources, their keys …, then runs of settlements alike:
--       outcome, tally (p processed, f failed, n none), how many, and for each of them
--         d done              token
--         g give back         token
--         r retry, s schedule token, delay in ms, payload
--         k dead              token, payload
--         a append            token, list, payload
-- reply 'fenced' | 'gap', last | 'ok', lease expired (0 or 1), answers ("OOSE…"), claim time,
--       how many errors, their texts … (one per E), how many troubles with sources, their texts …,
--       how many sources gave jobs, (key, count) …, jobs …
--       The token of the i-th job is lane:number:i:claim time:key.
--
-- Nothing here may raise an error once it has written: Lua errors roll nothing back.
--#include _time
--#include _calendar
--#include _sets
--#include _landing

local call, pcall = redis.call, redis.pcall
local id, lane, number = ARGV[1], ARGV[2], tonumber(ARGV[3])
local claim, source_count = tonumber(ARGV[4]), tonumber(ARGV[5])
local inflight, seq = 'wingman:inflight:' .. id, 'wingman:seq:' .. id
local answer_field = lane .. ':answer'
local portion_bytes = 4194304 -- a claim ends here; one reply must not hold the server or the worker up

local lease = call('ZSCORE', 'wingman:leases', id)
if not lease then return { 'fenced' } end
local recorded = call('HMGET', seq, lane, answer_field)
local last = tonumber(recorded[1] or 0)

local function token_of(i, stamp, source)
    return lane .. ':' .. ARGV[3] .. ':' .. i .. ':' .. stamp .. ':' .. source
end

-- The same step again: the recorded answer, its jobs read anew from what is in flight. Nothing is redone.
if number == last then
    local record = cmsgpack.unpack(recorded[2])
    local answers, stamp, errors, runs = record[1], record[2], record[3], record[4]
    local reply = { 'ok', 0, answers, stamp, #errors }
    for _, text in ipairs(errors) do reply[#reply + 1] = text end
    reply[#reply + 1] = 0
    reply[#reply + 1] = #runs / 2
    for _, value in ipairs(runs) do reply[#reply + 1] = value end
    local i = 0
    for run = 1, #runs, 2 do
        for _ = 1, runs[run + 1] do
            i = i + 1
            reply[#reply + 1] = call('HGET', inflight, token_of(i, stamp, runs[run]))
        end
    end
    return reply
end
if number ~= last + 1 then return { 'gap', last } end
call('HLEN', inflight) -- of the wrong type: refused here, before anything is written

-- Settle: the destination first, then the token. If we die between the two, the job is in both and runs once more.
local answers, errors, returned = {}, {}, {}
local processed, failed, buried = 0, 0, false

local function destination(outcome, at)
    if outcome == 'k' then
        buried = true
        return add_to_set('dead', now_text, ARGV[at + 1])
    elseif outcome == 'a' then
        local pushed = pcall('LPUSH', ARGV[at + 1], ARGV[at + 2])
        return type(pushed) == 'table' and pushed.err or nil
    end
    local due = string.format('%.6f', (now_us + tonumber(ARGV[at + 1]) * 1000) / 1000000)
    return add_to_set(outcome == 'r' and 'retry' or 'schedule', due, ARGV[at + 2])
end

local function settle(outcome, at)
    local token = ARGV[at]
    if call('HEXISTS', inflight, token) == 0 then return 'S' end
    local trouble = destination(outcome, at)
    if trouble then
        errors[#errors + 1] = trouble
        return 'E'
    end
    call('HDEL', inflight, token)
    return 'O'
end

local widths = { d = 1, g = 1, r = 3, s = 3, k = 2, a = 3 }
local at = 6 + source_count
while at <= #ARGV do
    local outcome, tally, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
    local width, before, settled = widths[outcome], #answers, 0
    at = at + 3
    for i = 1, count do
        local answer
        if outcome == 'd' then
            answer = call('HDEL', inflight, ARGV[at]) == 1 and 'O' or 'S'
        elseif outcome == 'g' then
            returned[#returned + 1] = { token = ARGV[at], answer = before + i }
            answer = 'S'
        else
            answer = settle(outcome, at)
        end
        if answer == 'O' then settled = settled + 1 end
        answers[before + i] = answer
        at = at + width
    end
    if tally ~= 'n' then processed = processed + settled end
    if tally == 'f' then failed = failed + settled end
end

-- Give back to the head of the sources, newest claim first, so that the oldest runs next. Counts nothing.
if #returned > 0 then
    for _, entry in ipairs(returned) do
        local step, index, stamp, source = string.match(entry.token, '^%d+:(%d+):(%d+):(%d+):(.+)$')
        entry.step, entry.index, entry.stamp = tonumber(step), tonumber(index), tonumber(stamp)
        entry.source = source
    end
    table.sort(returned, function(a, b)
        if a.stamp ~= b.stamp then return (a.stamp or 0) > (b.stamp or 0) end
        if a.step ~= b.step then return (a.step or 0) > (b.step or 0) end
        return (a.index or 0) > (b.index or 0)
    end)
    local texts = {}
    for _, entry in ipairs(returned) do
        local job = entry.source and call('HGET', inflight, entry.token)
        if job then
            local pushed = pcall('RPUSH', entry.source, job)
            if type(pushed) == 'table' then
                answers[entry.answer] = 'E'
                texts[entry.answer] = pushed.err
            else
                call('HDEL', inflight, entry.token)
                answers[entry.answer] = 'O'
            end
        end
    end
    -- The error texts go by the order of the answers.
    if next(texts) then
        local known, merged = 1, {}
        for i, answer in ipairs(answers) do
            if answer == 'E' then
                merged[#merged + 1] = texts[i] or errors[known]
                if not texts[i] then known = known + 1 end
            end
        end
        errors = merged
    end
end
if buried then trim_dead(clock[1]) end

-- Statistics as Sidekiq counts them: every execution is processed, failed ones also failed.
local function count_up(what, n)
    if n == 0 then return end
    local year, month, day = civil(math.floor(clock[1] / 86400))
    local daily = string.format('stat:%s:%04d-%02d-%02d', what, year, month, day)
    pcall('INCRBY', 'stat:' .. what, n)
    if pcall('INCRBY', daily, n) == n then pcall('EXPIRE', daily, 157680000) end
end
count_up('processed', processed)
count_up('failed', failed)

-- Claim: what landed first, then the sources in the client's order. Not under an expired lease: a rescuer may be
-- about to take everything from us.
local jobs, runs, troubles, bytes = {}, {}, {}, 0
local expired = tonumber(lease) <= now_ms

local function take(list, source)
    local taken = 0
    while #jobs < claim and bytes < portion_bytes do
        -- A few at first, then as many as their size so far lets expect within the limit.
        local portion = 16
        if #jobs > 0 then portion = math.floor((portion_bytes - bytes) / (bytes / #jobs + 1)) + 1 end
        portion = math.min(claim - #jobs, math.min(portion, 250))
        local got = pcall('RPOP', list, portion)
        if not got then break end
        if got.err then
            troubles[#troubles + 1] = list .. ': ' .. got.err
            break
        end
        for _, job in ipairs(got) do
            jobs[#jobs + 1] = job
            bytes = bytes + #job
        end
        taken = taken + #got
        if #got < portion then break end
    end
    if taken > 0 then
        runs[#runs + 1] = source
        runs[#runs + 1] = taken
    end
end

if claim > 0 and not expired and source_count > 0 then
    local names, open = {}, {}
    for i = 1, source_count do names[i] = string.match(ARGV[5 + i], '^queue:(.*)$') or '' end
    local paused = pcall('SMISMEMBER', 'paused', unpack(names))
    if paused.err then troubles[1] = 'paused: ' .. paused.err end
    for i = 1, source_count do
        local source = ARGV[5 + i]
        if paused.err or (paused[i] == 1 and string.sub(source, 1, 6) == 'queue:') then
            take_off(id, source, 100) -- it landed before the pause
        else
            open[#open + 1] = source
        end
    end
    for _, source in ipairs(open) do take(landing_list(id, source), source) end
    for _, source in ipairs(open) do take(source, source) end
end

local stamp = clock[1] .. string.format('%06d', clock[2])
if #jobs > 0 then
    local fields, i = {}, 0
    for run = 1, #runs, 2 do
        for _ = 1, runs[run + 1] do
            i = i + 1
            fields[2 * i - 1] = token_of(i, stamp, runs[run])
            fields[2 * i] = jobs[i]
        end
    end
    call('HSET', inflight, unpack(fields))
end

local answered = table.concat(answers)
call('HSET', seq, lane, ARGV[3], answer_field, cmsgpack.pack({ answered, stamp, errors, runs }))

local reply = { 'ok', expired and 1 or 0, answered, stamp, #errors }
for _, text in ipairs(errors) do reply[#reply + 1] = text end
reply[#reply + 1] = #troubles
for _, text in ipairs(troubles) do reply[#reply + 1] = text end
reply[#reply + 1] = #runs / 2
for _, value in ipairs(runs) do reply[#reply + 1] = value end
for _, job in ipairs(jobs) do reply[#reply + 1] = job end
return reply
