#!lua
-- dispatch.lua: makes deliveries, ready, waiting for their lane or delayed, where there is none yet. Refused while Redis
-- is full.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] dispatches, packed as unpack_dispatches() reads them
-- Returns a string with a digit for each: 1 dispatched, 2 already live, 3 repaired (live named an entry that did not
-- exist), 4 hastened (it was delayed for longer). A dispatched job leaves the index of dead letters.
local priorities, payloads, dues = unpack_dispatches(ARGV[4])
if not priorities then return redis.error_reply(payloads) end
local answers = dispatch(priorities, payloads, dues)
settle_lanes()
return table.concat(answers)
