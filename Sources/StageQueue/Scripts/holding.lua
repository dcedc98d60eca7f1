-- holding.lua: what a worker says it has in hand. A part; see prelude.lua.
-- Deliveries in a worker's hand, read out of a packed argument: live key, length of the lane, lane, length of priority
-- code and entry id, both, one byte that is the caller's. Answers lists side by side: keys, entry ids (of those that live
-- says are the owner's, else false), streams, lanes (false: none), the caller's bytes; or nil and what is wrong.
local function hand(packed, owner)
  local h = { keys = {}, ids = {}, streams = {}, lanes = {}, extras = {} }
  local keys, ids, streams_of, lanes_of, extras = h.keys, h.ids, h.streams, h.lanes, h.extras
  local at, n, length, suffix = 1, 0, #packed, ' ' .. owner
  while at <= length do
    local lane = byte(packed, at + 9)
    local size = lane and byte(packed, at + 10 + lane)
    if not size or at + 11 + lane + size > length then return nil, 'INVALID delivery: arguments are missing' end
    n = n + 1
    local from = at + 11 + lane
    local stream = stream_at[byte(packed, at) * 256 + (byte(packed, from) or 0)]
    if not stream then return nil, 'INVALID delivery: unknown stage or priority' end
    keys[n], ids[n], streams_of[n] = sub(packed, at, at + 8), sub(packed, from, from + size - 1), stream
    lanes_of[n], extras[n] = lane == 8 and sub(packed, at + 10, at + 17), byte(packed, from + size)
    at = from + size + 1
  end
  local values = lookup(keys)
  -- What live says is the owner's was written by fetch, so its entry id is one.
  for i = 1, n do ids[i] = values[i] == ids[i] .. suffix and sub(ids[i], 2) end
  return h
end

-- The entry ids of owned deliveries by their stream.
local function owned_ids(h)
  local by_stream = {}
  for i, id in ipairs(h.ids) do
    if id then
      local ids = by_stream[h.streams[i]]
      if not ids then
        ids = {}
        by_stream[h.streams[i]] = ids
      end
      ids[#ids + 1] = id
    end
  end
  return by_stream
end
