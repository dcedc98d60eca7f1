#!lua
-- dispatch.lua: makes deliveries, ready or delayed, where there is none yet. Refused while Redis is full.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3…] in threes: priority code, payload, due ('': now; ms since 1970; '+' and a delay in ms)
-- Returns for each: 1 dispatched, 2 already live, 3 repaired (live named an entry that did not exist),
-- 4 hastened (it was delayed for longer). A dispatched job leaves the index of dead letters.
local list = {}
for at = 3, #ARGV, 3 do
  local d = { ARGV[at], ARGV[at + 1], ARGV[at + 2] }
  local wrong = problem(d)
  if wrong then return redis.error_reply(wrong) end
  list[#list + 1] = d
end
return dispatch(list)
