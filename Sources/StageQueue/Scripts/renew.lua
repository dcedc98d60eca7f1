#!lua flags=allow-oom
-- renew.lua: keeps deliveries in their owner's hand, by setting back the time since they were last touched.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] owner's mark   ARGV[5] owner's consumer name   ARGV[6] deliveries, packed as hand() reads them
-- Returns for each: 1 renewed, 0 lost: another has it, or Redis no longer knows it
local h, wrong = hand(ARGV[6], ARGV[4])
if not h then return redis.error_reply(wrong) end
local renewed = {}
for stream, ids in pairs(owned_ids(h)) do
  for first = 1, #ids, 1000 do
    -- pcall: without its group, all of this stream is lost, and the others must still be renewed.
    local arguments = { unpack(ids, first, math.min(first + 999, #ids)) }
    arguments[#arguments + 1] = 'JUSTID'
    local claimed = redis.pcall('XCLAIM', stream, GROUP, ARGV[5], 0, unpack(arguments))
    if not claimed.err then
      for _, id in ipairs(claimed) do renewed[stream .. id] = true end
    end
  end
end
local answers = {}
for i, id in ipairs(h.ids) do answers[i] = id and renewed[h.streams[i] .. id] and 1 or 0 end
return answers
