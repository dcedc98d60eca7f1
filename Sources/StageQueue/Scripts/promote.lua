#!lua flags=allow-oom
-- promote.lua: moves due deliveries of every stage to their ready streams, the longest due first.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] how many at most
-- Returns how many it moved, and in how many ms the next is due (-1: none)
return { promote(tonumber(ARGV[3])) }
