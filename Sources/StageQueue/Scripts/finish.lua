#!lua flags=allow-oom
-- finish.lua: ends deliveries in a worker's hand, and dispatches what follows each. All four endings but burial are
-- this: complete-and-forward (the next stage), retry (the same stage, delayed), release (the same stage, ready) and
-- discard (of a ghost: whatever the job really needs). Then whoever waits for a lane's place that is free now is admitted.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] owner's mark   ARGV[5] deliveries, packed as hand() reads them; the caller's byte is how many dispatches follow it
-- ARGV[6] these dispatches, in order, packed as unpack_dispatches() reads them
-- Acknowledges, deletes and takes out of live only what live says is the owner's; dispatches are guarded by live alone,
-- so that whoever finds a stage committed can forward it.
-- Returns a string with, for each, 1 or 0, whether it was still the owner's; then a digit for each dispatch as dispatch.lua
local h, wrong = hand(ARGV[5], ARGV[4])
if not h then return redis.error_reply(wrong) end
local priorities, payloads, dues = unpack_dispatches(ARGV[6])
if not priorities then return redis.error_reply(payloads) end
local total, extras, ids = 0, h.extras, h.ids
for i = 1, #extras do total = total + extras[i] end
if total ~= #payloads then return redis.error_reply('INVALID finish: other dispatches than announced') end
free(h)
local outcomes = total > 0 and dispatch(priorities, payloads, dues)
settle_lanes()
local answers, next = {}, 1
for i = 1, #extras do
  local extra = extras[i]
  answers[i] = ids[i] and '1' or '0'
  if extra > 0 then
    answers[i] = answers[i] .. table.concat(outcomes, '', next, next + extra - 1)
    next = next + extra
  end
end
return table.concat(answers)
