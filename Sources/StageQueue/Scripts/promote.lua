#!lua flags=allow-oom
-- promote.lua: moves due deliveries of every stage to their ready streams, the longest due first.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] how many at most
-- Returns how many it moved, and in how many ms the next is due (-1: none)
local moved, next_due = promote(tonumber(ARGV[4]))
settle_lanes()
return { moved, next_due }
