#!lua flags=allow-oom
-- signal: sends a process a signal, which its next beat brings; as the buttons of Sidekiq's page do.
--
-- ARGV  process, signal
-- reply how many are waiting
local key = ARGV[1] .. '-signals'
local waiting = redis.call('LPUSH', key, ARGV[2])
redis.call('EXPIRE', key, 60)
return waiting
