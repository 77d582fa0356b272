-- The store's clock decides all leases and due times, never a machine's that only visits.
local clock = redis.call('TIME')
local now_us = clock[1] * 1000000 + clock[2]
local now_ms = math.floor(now_us / 1000)
local now_text = clock[1] .. '.' .. string.format('%06d', clock[2])
