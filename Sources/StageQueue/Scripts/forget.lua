#!lua flags=allow-oom
-- forget.lua: takes jobs out of the index of dead letters.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3…] live keys
-- Returns for each: 1 or 0, whether it was there
local answers = {}
for i = 3, #ARGV do answers[i - 2] = redis.call('ZREM', DEAD, ARGV[i]) end
return answers
