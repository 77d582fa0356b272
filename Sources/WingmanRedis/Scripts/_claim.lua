-- Claims up to `wanted` jobs for process `id`: what landed first, then the sources in the client's order, without paused
-- queues. Returns the jobs, (source, count) … of where they came from, and the texts of sources that cannot be read.
local claim_bytes = 4194304 -- a claim ends here: one reply must not hold the server or the worker up

local function claim_jobs(id, sources, wanted)
    local jobs, runs, troubles, bytes = {}, {}, {}, 0

    local function take(list, source)
        local taken = 0
        while #jobs < wanted and bytes < claim_bytes do
            -- A few at first, then as many as their size so far lets expect within the limit.
            local portion = 16
            if #jobs > 0 then portion = math.floor((claim_bytes - bytes) / (bytes / #jobs + 1)) + 1 end
            portion = math.min(wanted - #jobs, portion, 250)
            local got = redis.pcall('RPOP', list, portion)
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

    local names, open = {}, {}
    for i, source in ipairs(sources) do names[i] = string.match(source, '^queue:(.*)$') or '' end
    local paused = redis.pcall('SMISMEMBER', 'paused', unpack(names))
    if paused.err then troubles[1] = 'paused: ' .. paused.err end
    for i, source in ipairs(sources) do
        if paused.err or (paused[i] == 1 and string.sub(source, 1, 6) == 'queue:') then
            take_off(id, source, 100) -- it landed before the pause
        else
            open[#open + 1] = source
        end
    end
    for _, source in ipairs(open) do take(landing_list(id, source), source) end
    for _, source in ipairs(open) do take(source, source) end
    return jobs, runs, troubles
end
