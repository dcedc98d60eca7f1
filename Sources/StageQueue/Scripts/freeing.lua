-- freeing.lua: lets go of deliveries for good. A part; see prelude.lua. Needs lanes.lua and holding.lua.
local function is_before(a, b)
  local am, as = a:match('^(%d+)%-(%d+)$')
  local bm, bs = b:match('^(%d+)%-(%d+)$')
  am, bm = tonumber(am), tonumber(bm)
  return am < bm or am == bm and tonumber(as) < tonumber(bs)
end

-- The first entry that is not yet delivered and acknowledged, as far as the group knows: everything before it is.
-- Nil if that can't be said.
local function first_outstanding(stream)
  local pending = call('XPENDING', stream, GROUP, '-', '+', 1)[1]
  if pending then return pending[1] end
  for _, group in ipairs(call('XINFO', 'GROUPS', stream)) do
    local facts = {}
    for at = 1, #group, 2 do facts[group[at]] = group[at + 1] end
    if facts.name == GROUP then
      local ms, sequence = facts['last-delivered-id']:match('^(%d+)%-(%d+)$')
      -- Beyond 2^53 a Lua number is no longer exact.
      if tonumber(sequence) < 9e15 then return ms .. '-' .. integer(tonumber(sequence) + 1) end
    end
  end
end

-- Acknowledges and deletes entries of one stream. Deleting one by one makes Redis search each in its node; what lies
-- before the first outstanding entry is all acknowledged, and goes in one cut. `ids` should ascend.
local function remove(stream, ids)
  local acknowledged = variadic('XACK', stream, ids, GROUP)
  if acknowledged < #ids or #ids < 4 then return variadic('XDEL', stream, ids) end
  local first, last = first_outstanding(stream), #ids
  if not first then return variadic('XDEL', stream, ids) end
  while last > 0 and not is_before(ids[last], first) do last = last - 1 end
  local cut = last > 0 and call('XTRIM', stream, 'MINID', '=', first) or 0
  -- They were not in order, or some were gone.
  if cut < last then return variadic('XDEL', stream, ids) end
  for i = 1, #ids do ids[i] = ids[last + i] end
  variadic('XDEL', stream, ids)
end

-- Acknowledges and deletes what is owned, and takes it out of live and its lane.
local function free(h)
  for stream, ids in pairs(owned_ids(h)) do remove(stream, ids) end
  local keys, ids, n = {}, h.ids, 0
  for i = 1, #ids do
    if ids[i] then
      local key, lane = h.keys[i], h.lanes[i]
      n = n + 1
      keys[n] = key
      if lane and AHEAD > 0 then leave_lane(sub(key, 1, 1), lane, sub(key, 2)) end
    end
  end
  variadic('HDEL', LIVE, keys)
  if call('EXISTS', SUSPECTS) == 1 then variadic('HDEL', SUSPECTS, keys) end
end
