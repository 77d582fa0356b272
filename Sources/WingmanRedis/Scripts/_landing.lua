-- Where a blocked BLMOVE of process `id` brings what it took from `source`.
local function landing_list(id, source)
    return 'wingman:landing:' .. id .. ':' .. source
end

-- Moves what landed back to the head of its source, newest first, so that the oldest runs next; at most `limit`.
-- Returns how many moved. A source of the wrong type keeps its jobs in the landing list.
local function take_off(id, source, limit)
    local moved = 0
    while moved < limit do
        local job = redis.pcall('LMOVE', landing_list(id, source), source, 'LEFT', 'RIGHT')
        if not job or type(job) == 'table' then break end
        moved = moved + 1
    end
    return moved
end

-- True if anything is in the landing lists of `id`.
local function has_landed(id, sources)
    local lists = {}
    for i, source in ipairs(sources) do lists[i] = landing_list(id, source) end
    return #lists > 0 and redis.call('EXISTS', unpack(lists)) > 0
end
