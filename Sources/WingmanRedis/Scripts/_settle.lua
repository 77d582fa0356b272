-- Settles jobs of a process: the destination first, then the token. If we die between the two, the job is in both places
-- and runs once more; never in none.
-- Words of a settlement; one with effects says its own.
local settlement_widths = { d = 1, g = 1, r = 3, s = 3, l = 4, k = 2, a = 3, e = 0 }

local function due_set(outcome, at)
    if outcome == 'l' then return ARGV[at + 3] end
    return outcome == 'r' and 'retry' or 'schedule'
end

-- Writes where the settlement at ARGV[at] sends its job; returns an error's text, or nil.
local function write_destination(outcome, at)
    if outcome == 'k' then return add_to_set('dead', now_text, ARGV[at + 1]) end
    if outcome == 'a' then
        local pushed = redis.pcall('LPUSH', ARGV[at + 1], ARGV[at + 2])
        return type(pushed) == 'table' and pushed.err or nil
    end
    local due = string.format('%.6f', (now_us + tonumber(ARGV[at + 1]) * 1000) / 1000000)
    return add_to_set(due_set(outcome, at), due, ARGV[at + 2])
end

-- Settles one job that goes somewhere: O, S or E and the error's text.
local function settle_one(inflight, outcome, at)
    local token = ARGV[at]
    if redis.call('HEXISTS', inflight, token) == 0 then return 'S' end
    local trouble = write_destination(outcome, at)
    if trouble then return 'E', trouble end
    redis.call('HDEL', inflight, token)
    return 'O'
end

-- Where a settlement sends its job, and of what type that has to be; nothing for one that is done.
local function destination_of(outcome, at, source)
    if outcome == 'g' then return source, 'list' end
    if outcome == 'a' then return ARGV[at + 1], 'list' end
    if outcome == 'd' then return nil end
    return outcome == 'k' and 'dead' or due_set(outcome, at), 'zset'
end

-- Applies the effects ARGV[from] … of the settlement at ARGV[at], all or, if one cannot be or if the job's own
-- destination is of the wrong type, none; returns an error's text, or nil.
local planner
local function apply_effects(outcome, at, from, to, source)
    planner = planner or effect_planner()
    local plan = planner.new()
    local trouble = planner.add(plan, from, to)
    local key, kind = destination_of(outcome, at, source)
    if key and not trouble then trouble = select(2, planner.needed(plan, key, kind)) end
    return trouble or planner.apply(plan)
end

-- Claims later than others come first.
local function is_newer(one, other)
    if one.stamp ~= other.stamp then return one.stamp > other.stamp end
    if one.step ~= other.step then return one.step > other.step end
    return one.index > other.index
end

-- Takes a token apart: lane:step:index:claim time:source. Without a source it is none of ours.
local function parsed_token(token)
    local step, index, stamp, source = string.match(token, '^%d+:(%d+):(%d+):(%d+):(.+)$')
    return {
        token = token, source = source,
        stamp = tonumber(stamp) or 0, step = tonumber(step) or 0, index = tonumber(index) or 0,
    }
end

-- Back to the head of its source: O, S, or E and the error's text.
local function give_back_one(inflight, claim)
    local job = claim.source and redis.call('HGET', inflight, claim.token)
    if not job then return 'S' end
    if claim.effects then
        local trouble = apply_effects('g', nil, claim.effects, claim.effects_end, claim.source)
        if trouble then return 'E', trouble end
    end
    local pushed = redis.pcall('RPUSH', claim.source, job)
    if type(pushed) == 'table' then return 'E', pushed.err end
    redis.call('HDEL', inflight, claim.token)
    return 'O'
end

-- Settles the i-th, which has effects: ARGV[at] is its outcome, then its own fields, how many words, effects …
-- Returns where the next begins, O, S, or E and the error's text. One that goes back waits in `returned`.
local function settle_with_effects(inflight, at, i, returned)
    local outcome, token = ARGV[at], ARGV[at + 1]
    local from = at + 2 + settlement_widths[outcome]
    local to = from + ARGV[from - 1]
    if outcome == 'g' then
        local claim = parsed_token(token)
        claim.answer, claim.effects, claim.effects_end = i, from, to
        returned[#returned + 1] = claim
        return to, 'S'
    end
    if redis.call('HEXISTS', inflight, token) == 0 then return to, 'S' end
    local trouble = apply_effects(outcome, at + 1, from, to)
    if not trouble and outcome ~= 'd' then trouble = write_destination(outcome, at + 1) end
    if trouble then return to, 'E', trouble end
    redis.call('HDEL', inflight, token)
    return to, 'O'
end

-- Settles all from ARGV[at] on. Returns an answer for each, the texts of the errors by answer, and how many count as
-- processed and as failed. With `suspected`, jobs that do not go back are cleared of suspicion.
local function settle_all(inflight, at, suspected)
    local answers, texts, returned = {}, {}, {}
    local processed, failed, buried = 0, 0, false
    while at <= #ARGV do
        local outcome, tally, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
        local width, before, settled = settlement_widths[outcome], #answers, 0
        at = at + 3
        for i = before + 1, before + count do
            local answer, job = 'S', nil
            if suspected then job = redis.call('HGET', inflight, ARGV[outcome == 'e' and at + 1 or at]) end
            if outcome == 'd' then
                if redis.call('HDEL', inflight, ARGV[at]) == 1 then answer = 'O' end
            elseif outcome == 'g' then
                local claim = parsed_token(ARGV[at])
                claim.answer = i
                returned[#returned + 1] = claim
            elseif outcome == 'e' then
                buried = buried or ARGV[at] == 'k'
                at, answer, texts[i] = settle_with_effects(inflight, at, i, returned)
            else
                answer, texts[i] = settle_one(inflight, outcome, at)
            end
            if answer == 'O' then settled = settled + 1 end
            if job and answer == 'O' then clear_suspicion(job) end
            answers[i] = answer
            at = at + width
        end
        if tally ~= 'n' then processed = processed + settled end
        if tally == 'f' then failed = failed + settled end
        buried = buried or outcome == 'k'
    end
    -- Newest first, so that the oldest runs next. Counts nothing. What landed is newer than all of them.
    table.sort(returned, is_newer)
    local emptied = {}
    for _, claim in ipairs(returned) do
        if claim.source and not emptied[claim.source] and redis.call('HEXISTS', inflight, claim.token) == 1 then
            emptied[claim.source] = take_off(string.sub(inflight, 18), claim.source, 1000)
        end
        answers[claim.answer], texts[claim.answer] = give_back_one(inflight, claim)
    end
    if buried then trim_dead(clock[1]) end
    return answers, texts, processed, failed
end
