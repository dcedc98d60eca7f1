#!lua flags=allow-oom
-- finish.lua: ends deliveries in a worker's hand, and dispatches what follows each. All four endings but burial are
-- this: complete-and-forward (the next stage), retry (the same stage, delayed), release (the same stage, ready) and
-- discard (of a ghost: whatever the job really needs).
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] owner   ARGV[4] how many   then that many threes: live key, priority code, entry id
-- then for each of them: how many dispatches, and in threes: priority code, payload, due (as in dispatch.lua)
-- Acknowledges, deletes and takes out of live only what live says is the owner's; dispatches are guarded by live alone,
-- so that whoever finds a stage committed can forward it.
-- Returns for each a list: 1 or 0, whether it was still the owner's; then for each dispatch as dispatch.lua
local count = tonumber(ARGV[4]) or 0
local list, wrong = hand(5, count, ARGV[3])
if not list then return redis.error_reply(wrong) end
local follow, at = {}, 5 + count * 3
for i = 1, count do
  local dispatches = tonumber(ARGV[at])
  if not dispatches then return redis.error_reply('INVALID finish: arguments are missing') end
  at = at + 1
  list[i].first, list[i].dispatches = #follow + 1, dispatches
  for _ = 1, dispatches do
    local d = { ARGV[at], ARGV[at + 1], ARGV[at + 2] }
    wrong = problem(d)
    if wrong then return redis.error_reply(wrong) end
    follow[#follow + 1] = d
    at = at + 3
  end
end
free(list)
local outcomes = dispatch(follow)
local answers = {}
for i, d in ipairs(list) do
  answers[i] = { d.owned and 1 or 0, unpack(outcomes, d.first, d.first + d.dispatches - 1) }
end
return answers
