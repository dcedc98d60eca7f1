#!lua flags=allow-oom
-- bury.lua: ends deliveries in a worker's hand for good, into the index of dead letters.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] owner   ARGV[4…] in threes: live key, priority code, entry id
-- The index takes all of them, whoever owns them now: it only repeats what is committed elsewhere.
-- Returns for each: 1 or 0, whether it was still the owner's
local list, wrong = hand(4, math.ceil((#ARGV - 3) / 3), ARGV[3])
if not list then return redis.error_reply(wrong) end
free(list)
local members, answers = {}, {}
for i, d in ipairs(list) do
  members[#members + 1], members[#members + 2] = integer(NOW), d[1]
  answers[i] = d.owned and 1 or 0
end
variadic('ZADD', DEAD, members)
return answers
