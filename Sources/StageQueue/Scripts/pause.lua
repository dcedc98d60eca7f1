#!lua flags=allow-oom
-- pause.lua: changes the set of what is paused: names of stages, and 'all'. Workers see it at their next look.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] 'add', 'remove', or 'set' for exactly these   ARGV[4…] names
-- Returns how many are paused now
local names = { unpack(ARGV, 4) }
if ARGV[3] == 'set' then redis.call('DEL', PAUSED) end
variadic(ARGV[3] == 'remove' and 'SREM' or 'SADD', PAUSED, names)
return redis.call('SCARD', PAUSED)
