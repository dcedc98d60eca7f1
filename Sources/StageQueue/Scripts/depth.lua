#!lua flags=no-writes
-- depth.lua: how much waits in each ready stream.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- Returns 1 for each pair of ARGV[1], in fours: ready, in hand, ms that the first ready one has waited (-1: none), and
--   how many wait in waiting rooms
--   2 the set of what is paused
local answers = {}
for i = 1, #PAIRS, 2 do
  local stream = stream_of(PAIRS:sub(i, i + 1))
  local pending, after = 0, '-'
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if not groups.err then
    for _, group in ipairs(groups) do
      local facts = {}
      for at = 1, #group, 2 do facts[group[at]] = group[at + 1] end
      if facts.name == GROUP then pending, after = facts.pending, '(' .. facts['last-delivered-id'] end
    end
  end
  local first = redis.call('XRANGE', stream, after, '+', 'COUNT', 1)[1]
  answers[#answers + 1] = math.max(0, redis.call('XLEN', stream) - pending)
  answers[#answers + 1] = pending
  answers[#answers + 1] = first and math.max(0, now() - tonumber(first[1]:match('^%d+'))) or -1
  local waiting, pair = 0, PAIRS:sub(i, i + 1)
  for _, lane in ipairs(call('ZRANGE', ring_of(pair), 0, -1)) do waiting = waiting + call('ZCARD', room_key(pair, lane)) end
  answers[#answers + 1] = waiting
end
return { answers, redis.call('SMEMBERS', PAUSED) }
