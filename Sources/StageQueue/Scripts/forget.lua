#!lua flags=allow-oom
-- forget.lua: takes jobs out of the index of dead letters.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4…] live keys
-- Returns for each: 1 or 0, whether it was there
local answers = {}
for i = 4, #ARGV do answers[i - 3] = redis.call('ZREM', DEAD, ARGV[i]) end
return answers
