#!lua flags=allow-oom
-- renew.lua: keeps deliveries in their owner's hand, by setting back the time since they were last touched.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] owner   ARGV[4] owner's consumer name   ARGV[5…] in threes: live key, priority code, entry id
-- Returns for each: 1 renewed, 0 lost: another has it, or Redis no longer knows it
local list, wrong = hand(5, math.ceil((#ARGV - 4) / 3), ARGV[3])
if not list then return redis.error_reply(wrong) end
local renewed = {}
for stream, ids in pairs(owned_ids(list)) do
  for first = 1, #ids, 1000 do
    -- pcall: without its group, all of this stream is lost, and the others must still be renewed.
    local arguments = { unpack(ids, first, math.min(first + 999, #ids)) }
    arguments[#arguments + 1] = 'JUSTID'
    local claimed = redis.pcall('XCLAIM', stream, GROUP, ARGV[4], 0, unpack(arguments))
    if not claimed.err then
      for _, id in ipairs(claimed) do renewed[stream .. id] = true end
    end
  end
end
local answers = {}
for i, d in ipairs(list) do
  answers[i] = d.owned and renewed[streams[d[1]:sub(1, 1) .. d[2]] .. d[3]] and 1 or 0
end
return answers
