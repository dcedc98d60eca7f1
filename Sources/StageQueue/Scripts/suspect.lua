#!lua flags=allow-oom
-- suspect.lua: counts how often a delivery was about to be handled alone and did not reach its beginning.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] live key   ARGV[5] '1': it is about to be handled; '0': it has begun
-- The count goes when the delivery begins or is finished, and with Redis' memory.
-- Returns how often it was about to be handled before
if ARGV[5] == '0' then return call('HDEL', SUSPECTS, ARGV[4]) end
return call('HINCRBY', SUSPECTS, ARGV[4], 1) - 1
