-- promoting.lua: makes ready what is due. A part; see prelude.lua. Needs lanes.lua.
-- Moves due deliveries, at most `limit`, to where they are ready or wait, the longest due first. Answers how many, and
-- in how many ms the next is due (-1: none). Stages that this script doesn't know are left for those who do.
local function promote(limit)
  local moved, skipped = 0, 0
  -- Mostly nothing is due, and one look tells that and what will be.
  local first = call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')
  if not first[2] or tonumber(first[2]) > now() then
    return moved, first[2] and tonumber(first[2]) - now() or -1
  end
  while moved < limit and skipped < 1000 do
    local page = math.min(limit - moved, 500)
    local due = call('ZRANGEBYSCORE', DELAYED, '-inf', integer(now()), 'LIMIT', skipped, page)
    if #due == 0 then break end
    local values, writes, done = lookup(due), {}, {}
    for i, key in ipairs(due) do
      local value = values[i]
      local priority = value and sub(value, 2, 2)
      if not value or sub(value, 1, 1) ~= '*' then
        done[#done + 1] = key
      elseif not stream_of(sub(key, 1, 1) .. priority) then
        skipped = skipped + 1
      else
        done[#done + 1] = key
        writes[#writes + 1], writes[#writes + 2] = key, value
      end
    end
    variadic('ZREM', DELAYED, done)
    for i = 2, #writes, 2 do writes[i] = enter(writes[i - 1], sub(writes[i], 2, 2), sub(writes[i], 3)) end
    variadic('HSET', LIVE, writes)
    moved = moved + #writes / 2
  end
  first = call('ZRANGE', DELAYED, skipped, skipped, 'WITHSCORES')
  return moved, first[2] and math.max(0, tonumber(first[2]) - now()) or -1
end
