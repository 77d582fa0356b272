#!lua flags=no-writes
-- executions: what ran in the last minutes and the current one, by class, as beats wrote it.
--
-- ARGV  how many minutes before the current one
-- reply (class, processed, failed, milliseconds, the 26 buckets of its histogram) …
--#include _time
--#include _calendar

local buckets = 26
local sums, names = {}, {}

local function sum_of(class)
    local sum = sums[class]
    if not sum then
        sum = { p = 0, f = 0, ms = 0, histogram = {} }
        for bucket = 1, buckets do sum.histogram[bucket] = 0 end
        sums[class] = sum
        names[#names + 1] = class
    end
    return sum
end

-- Sixteen bits a bucket, the higher byte first.
local function add_histogram(class, key)
    local bits = redis.pcall('GET', key)
    if type(bits) ~= 'string' then return end
    local histogram = sum_of(class).histogram
    for bucket = 1, buckets do
        local high, low = string.byte(bits, 2 * bucket - 1, 2 * bucket)
        histogram[bucket] = histogram[bucket] + (high or 0) * 256 + (low or 0)
    end
end

local function add_minute(minute)
    local year, month, day = civil(math.floor(minute / 1440))
    local time = string.format('%d:%02d', math.floor(minute / 60) % 24, minute % 60)
    local counts = redis.pcall('HGETALL', string.format('j|%02d%02d%02d|%s', year % 100, month, day, time))
    local classes = {}
    for i = 1, counts.err and 0 or #counts, 2 do
        local class, what = string.match(counts[i], '^(.*)|(%a+)$')
        local sum = class and sum_of(class)
        if sum and sum[what] then sum[what] = sum[what] + (tonumber(counts[i + 1]) or 0) end
        if class then classes[class] = true end
    end
    local hour_minute = string.format('%d:%d', math.floor(minute / 60) % 24, minute % 60)
    for class in pairs(classes) do add_histogram(class, string.format('h|%s-%d-%s', class, day, hour_minute)) end
end

local minute = math.floor(clock[1] / 60)
for back = 0, tonumber(ARGV[1]) do add_minute(minute - back) end

table.sort(names)
local reply = {}
for _, class in ipairs(names) do
    local sum = sums[class]
    reply[#reply + 1] = class
    for _, number in ipairs({ sum.p, sum.f, sum.ms, unpack(sum.histogram) }) do
        reply[#reply + 1] = string.format('%.0f', number)
    end
end
return reply
