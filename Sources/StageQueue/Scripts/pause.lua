#!lua flags=allow-oom
-- pause.lua: changes the set of what is paused: names of stages, and 'all'. Workers see it at their next look.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] 'add', 'remove', or 'set' for exactly these   ARGV[5…] names
-- Returns how many are paused now
local names = { unpack(ARGV, 5) }
if ARGV[4] == 'set' then redis.call('DEL', PAUSED) end
variadic(ARGV[4] == 'remove' and 'SREM' or 'SADD', PAUSED, names)
return redis.call('SCARD', PAUSED)
