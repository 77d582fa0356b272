#!lua flags=allow-oom
-- pause: pauses a queue, or lets it go on. Sidekiq Pro's set.
--
-- ARGV  queue, 1 to pause it or 0
-- reply 1 if that changed anything, else 0
return redis.call(ARGV[2] == '1' and 'SADD' or 'SREM', 'paused', ARGV[1])
