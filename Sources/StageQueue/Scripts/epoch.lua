#!lua flags=allow-oom
-- epoch.lua: tells which life of Redis this is; begins one if there is none.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] the epoch to set if there is none
-- Returns the epoch, and 1 if this call began it, else 0
local epoch = redis.call('GET', EPOCH)
if epoch then return { epoch, 0 } end
redis.call('SET', EPOCH, ARGV[4])
return { ARGV[4], 1 }
