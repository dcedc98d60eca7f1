#!lua flags=allow-oom
-- bury.lua: ends deliveries in a worker's hand for good, into the index of dead letters.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] owner's mark   ARGV[5] deliveries, packed as hand() reads them
-- The index takes all of them, whoever owns them now: it only repeats what is committed elsewhere.
-- Returns for each: 1 or 0, whether it was still the owner's
local h, wrong = hand(ARGV[5], ARGV[4])
if not h then return redis.error_reply(wrong) end
free(h)
settle_lanes()
local members, answers = {}, {}
for i, key in ipairs(h.keys) do
  members[#members + 1], members[#members + 2] = integer(now()), key
  answers[i] = h.ids[i] and 1 or 0
end
variadic('ZADD', DEAD, members)
return answers
