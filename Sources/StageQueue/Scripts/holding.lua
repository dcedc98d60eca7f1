-- holding.lua: what a worker says it has in hand. A part; see prelude.lua.
-- Deliveries in a worker's hand, read out of a packed argument: live key, length of the lane, lane, length of priority
-- code and entry id, both, one byte that is the caller's. Answers lists side by side: keys, entry ids (of those that live
-- says are the owner's, else false), streams, lanes (false: none), the caller's bytes; or nil and what is wrong. Fails when
-- it is cut short.
local function hand(packed, owner)
  local h = { keys = {}, ids = {}, streams = {}, lanes = {}, extras = {} }
  local keys, ids, streams_of, lanes_of, extras = h.keys, h.ids, h.streams, h.lanes, h.extras
  local at, n, length, suffix, key, lane, mark, extra = 1, 0, #packed, ' ' .. owner
  while at <= length do
    key, lane, mark, extra, at = struct.unpack('c9Bc0Bc0B', packed, at)
    local stream = stream_at[byte(key) * 256 + (byte(mark) or 0)]
    if not stream then return nil, 'INVALID delivery: unknown stage or priority' end
    n = n + 1
    keys[n], ids[n], streams_of[n], lanes_of[n], extras[n] = key, mark, stream, lane ~= '' and lane, extra
  end
  local values = lookup(keys)
  -- What live says is the owner's was written by fetch, so its entry id is one.
  for i = 1, n do ids[i] = values[i] == ids[i] .. suffix and sub(ids[i], 2) end
  return h
end

-- The entry ids of owned deliveries by their stream.
local function owned_ids(h)
  local by_stream = {}
  local all, streams_of = h.ids, h.streams
  for i = 1, #all do
    local id, stream = all[i], streams_of[i]
    if id then
      local ids = by_stream[stream]
      if not ids then
        ids = {}
        by_stream[stream] = ids
      end
      ids[#ids + 1] = id
    end
  end
  return by_stream
end
