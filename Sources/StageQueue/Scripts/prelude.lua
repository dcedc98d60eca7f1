-- prelude.lua: what all scripts share. It is put between the first line of each script and the rest.
--
-- KEYS[1] live: hash, see below               KEYS[2] delayed: sorted set of live keys by due time in ms
-- KEYS[3] dead: sorted set of live keys       KEYS[4] paused: set
-- KEYS[5] epoch: string                       KEYS[6] lanes: hash, see below
-- KEYS[7] suspects: hash of live keys         KEYS[8…] in twos for each pair of ARGV[1]: ready stream, waiting ring
-- ARGV[1] pairs of codes, stage then priority, in the order of KEYS[8…]
-- ARGV[2] the streams' consumer group
-- ARGV[3] how many deliveries of a lane and stage the ready streams take; '0': any number
--
-- A delivery's payload: version byte, stage code, 8 bytes of job; in version 2, 8 bytes of lane; and, if traced, 24 of
-- trace. Its bytes 2 to 10 are its live key. A value in live is one of
--   priority code, entry id                   in the ready stream, waiting to be fetched
--   priority code, entry id, ' ', owner       in its owner's hand; the owner is 8 bytes, made of name and incarnation
--   '*', priority code, payload               delayed
--   '+', priority code, payload               in its lane's waiting room
--
-- A waiting room is a sorted set RING:LANE of live keys by the time they came, the lane in hexadecimal; the ring is a
-- sorted set of the lanes that have one, by whose turn it is. A field of lanes is stage code and lane, its value the
-- jobs of that lane in the stage's ready streams or in hand, 8 bytes each.
--
-- Where it matters, this is written for speed: Lua hashes every byte of every string it makes, a table for each delivery
-- costs as much as its XACK, and what is known of one delivery lies in lists side by side.
local LIVE, DELAYED, DEAD, PAUSED, EPOCH, LANES, SUSPECTS = unpack(KEYS, 1, 7)
local PAIRS, GROUP, AHEAD = ARGV[1], ARGV[2], tonumber(ARGV[3])
local FIELD = 'd'
-- Holds what nobody here can work on: deliveries of removed consumers, until the next reclaim, and those of unknown
-- stages and versions, for workers that know them.
local ORPHANS = '~orphans'
local LONG_IDLE = 86400000

local call, sub, byte = redis.call, string.sub, string.byte
-- By pair of codes, or of code bytes as stage * 256 + priority, or by stage code.
local streams, rings, stream_at, stages, order_of = {}, {}, {}, {}, {}
for i = 1, #PAIRS, 2 do
  local pair, stage = sub(PAIRS, i, i + 1), sub(PAIRS, i, i)
  streams[pair], rings[pair], stages[stage] = KEYS[7 + i], KEYS[8 + i], true
  stream_at[byte(PAIRS, i) * 256 + byte(PAIRS, i + 1)] = KEYS[7 + i]
  order_of[stage] = (order_of[stage] or '') .. sub(PAIRS, i + 1, i + 1)
end

local clock = call('TIME')
local NOW = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function integer(number) return string.format('%.0f', number) end

-- Calls a variadic command with any number of arguments, a thousand at a time (a Lua call takes fewer than 8,000).
-- Answers the sum of the answers.
local function variadic(command, key, arguments, before)
  local sum = 0
  for first = 1, #arguments, 1000 do
    local last = math.min(first + 999, #arguments)
    local answer
    if before then
      answer = call(command, key, before, unpack(arguments, first, last))
    else
      answer = call(command, key, unpack(arguments, first, last))
    end
    sum = sum + (tonumber(answer) or 0)
  end
  return sum
end

-- The values in live, in the order of the keys; false where there is none.
local function lookup(keys)
  if #keys <= 1000 then return #keys == 0 and {} or call('HMGET', LIVE, unpack(keys)) end
  local values = {}
  for first = 1, #keys, 1000 do
    for _, value in ipairs(call('HMGET', LIVE, unpack(keys, first, math.min(first + 999, #keys)))) do
      values[#values + 1] = value
    end
  end
  return values
end

local function lane_of(payload) return AHEAD > 0 and byte(payload, 1) == 2 and sub(payload, 11, 18) or nil end

local function room_key(pair, lane)
  return rings[pair] .. ':' .. lane:gsub('.', function(c) return string.format('%02x', byte(c)) end)
end

-- Whether a delivery that live speaks of exists. Where this script doesn't know the stream, it is believed.
local function stands(key, value)
  local mark = sub(value, 1, 1)
  if mark == '*' then return call('ZSCORE', DELAYED, key) and true end
  if mark == '+' then
    local pair = sub(key, 1, 1) .. sub(value, 2, 2)
    if not rings[pair] then return true end
    return call('ZSCORE', room_key(pair, sub(value, 13, 20)), key) and true
  end
  local stream = streams[sub(key, 1, 1) .. mark]
  if not stream then return true end
  local id = value:match('^.(%d+%-%d+)')
  return id ~= nil and #call('XRANGE', stream, id, id) > 0
end

-- What this script knows of lanes, by their field; written back by settle_lanes().
local lanes, touched = {}, {}

-- Who of a lane is in the stage's ready streams or in hand. Where that seems to leave no place, those of whom it isn't
-- true any more, because someone deleted an entry, are struck out: but only what was there when the script began.
local function lane_state(stage, lane)
  local field = stage .. lane
  local state = lanes[field]
  if state then return state end
  state = { stage = stage, lane = lane, jobs = call('HGET', LANES, field) or '' }
  if #state.jobs >= AHEAD * 8 then
    local kept = {}
    for at = 1, #state.jobs, 8 do
      local job = sub(state.jobs, at, at + 7)
      local value = call('HGET', LIVE, stage .. job)
      local mark = value and sub(value, 1, 1)
      if value and mark ~= '*' and mark ~= '+' and stands(stage .. job, value) then kept[#kept + 1] = job end
    end
    local jobs = table.concat(kept)
    state.changed, state.jobs = jobs ~= state.jobs, jobs
  end
  lanes[field] = state
  return state
end

local function leave_lane(stage, lane, job)
  local state = lane_state(stage, lane)
  for at = 1, #state.jobs, 8 do
    if sub(state.jobs, at, at + 7) == job then
      state.jobs, state.changed = sub(state.jobs, 1, at - 1) .. sub(state.jobs, at + 8), true
      break
    end
  end
  touched[#touched + 1] = state
end

-- Makes a delivery ready, or has it wait while its lane has no place. Answers its value for live.
local function enter(key, priority, payload)
  local lane = lane_of(payload)
  if lane then
    local pair = sub(key, 1, 1) .. priority
    local state = lane_state(sub(key, 1, 1), lane)
    if #state.jobs >= AHEAD * 8 then
      call('ZADD', room_key(pair, lane), integer(NOW), key)
      call('ZADD', rings[pair], 'NX', integer(NOW), lane)
      return '+' .. priority .. payload
    end
    state.jobs, state.changed = state.jobs .. sub(key, 2), true
  end
  return priority .. call('XADD', stream_at[byte(key) * 256 + byte(priority)], '*', FIELD, payload)
end

-- Makes the next delivery of a waiting room ready; false if there is none.
local turn = 0
local function admit(pair, lane, state)
  local ring, room = rings[pair], room_key(pair, lane)
  local admitted = false
  while not admitted do
    local key = call('ZPOPMIN', room)[1]
    if not key then break end
    local value = call('HGET', LIVE, key)
    if value and sub(value, 1, 1) == '+' then
      state.jobs, state.changed, admitted = state.jobs .. sub(key, 2), true, true
      local priority = sub(pair, 2, 2)
      call('HSET', LIVE, key, priority .. call('XADD', streams[pair], '*', FIELD, sub(value, 3)))
    end
  end
  if call('EXISTS', room) == 1 then
    turn = turn + 1
    call('ZADD', ring, string.format('%.3f', NOW + turn / 1000), lane)
  else
    call('ZREM', ring, lane)
  end
  return admitted
end

-- Admits whoever waits for a place that has become free, and writes back what changed.
local function settle_lanes()
  for _, state in ipairs(touched) do
    for i = 1, #order_of[state.stage] do
      local pair = state.stage .. sub(order_of[state.stage], i, i)
      while #state.jobs < AHEAD * 8 and call('ZSCORE', rings[pair], state.lane) and admit(pair, state.lane, state) do end
    end
  end
  for field, state in pairs(lanes) do
    if state.changed then
      if state.jobs == '' then call('HDEL', LANES, field) else call('HSET', LANES, field, state.jobs) end
    end
  end
end

-- Reads dispatches out of a packed argument: priority code, length of the payload, payload, length of the due time, due
-- time. That is '' for now, ms since 1970, or '+' and a delay in ms. Answers three lists, or nil and what is wrong.
local function unpack_dispatches(packed)
  local priorities, payloads, dues, at, n = {}, {}, {}, 1, 0
  while at <= #packed do
    local size = byte(packed, at + 1)
    local rest = size and byte(packed, at + 2 + size)
    if not rest or at + 2 + size + rest > #packed then return nil, 'INVALID dispatch: arguments are missing' end
    n = n + 1
    local priority, payload = sub(packed, at, at), sub(packed, at + 2, at + 1 + size)
    local due = rest == 0 and '' or sub(packed, at + 3 + size, at + 2 + size + rest)
    local version = byte(payload, 1)
    if not (version == 1 and (size == 10 or size == 34) or version == 2 and (size == 18 or size == 42)) then
      return nil, 'INVALID dispatch: not a payload of this version'
    end
    if not stream_at[byte(payload, 2) * 256 + byte(priority)] then return nil, 'INVALID dispatch: unknown stage or priority' end
    if rest > 0 and (not due:match('^%+?%d+$')) then return nil, 'INVALID dispatch: not a due time' end
    priorities[n], payloads[n], dues[n] = priority, payload, due
    at = at + 3 + size + rest
  end
  return priorities, payloads, dues
end

-- Makes deliveries. Answers for each: 1 dispatched, 2 already live, 3 repaired, 4 hastened. A dispatched job is no dead
-- letter any more.
local function dispatch(priorities, payloads, dues)
  local keys, answers, writes, n = {}, {}, {}, 0
  for i, payload in ipairs(payloads) do keys[i] = sub(payload, 2, 10) end
  local values, fresh = lookup(keys), {}
  for i, payload in ipairs(payloads) do
    local priority, due, key = priorities[i], dues[i], keys[i]
    local value = fresh[key] or values[i]
    local at = due ~= '' and (sub(due, 1, 1) == '+' and NOW + tonumber(sub(due, 2)) or tonumber(due)) or 0
    local answer = 1
    if value then
      answer = 3
      if stands(key, value) then
        answer = 2
        local mark = sub(value, 1, 1)
        if mark == '*' and at < tonumber(call('ZSCORE', DELAYED, key)) then answer = 4 end
        -- Whoever asks for one that waits has its lane's places looked at again.
        if mark == '+' and lane_of(payload) then touched[#touched + 1] = lane_state(sub(key, 1, 1), lane_of(payload)) end
      end
    end
    answers[i] = answer
    if answer ~= 2 then
      local now
      if at > NOW then
        call('ZADD', DELAYED, integer(at), key)
        now = '*' .. priority .. payload
      else
        if answer == 4 then call('ZREM', DELAYED, key) end
        now = enter(key, priority, payload)
      end
      fresh[key] = now
      writes[n + 1], writes[n + 2] = key, now
      n = n + 2
    end
  end
  variadic('HSET', LIVE, writes)
  if #keys > 0 and call('EXISTS', DEAD) == 1 then variadic('ZREM', DEAD, keys) end
  return answers
end

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
  for i = last + 1, #ids do call('XDEL', stream, ids[i]) end
end

-- Acknowledges and deletes what is owned, and takes it out of live and its lane.
local function free(h)
  for stream, ids in pairs(owned_ids(h)) do remove(stream, ids) end
  local keys, n = {}, 0
  for i, id in ipairs(h.ids) do
    if id then
      local key, lane = h.keys[i], h.lanes[i]
      n = n + 1
      keys[n] = key
      if lane and AHEAD > 0 then leave_lane(sub(key, 1, 1), lane, sub(key, 2)) end
    end
  end
  variadic('HDEL', LIVE, keys)
  if call('EXISTS', SUSPECTS) == 1 then variadic('HDEL', SUSPECTS, keys) end
end

-- Takes entries of one stream that were just read or claimed: writes the owner into live. Appends to `taken`, which is
-- packed in the end: priority code, times delivered (counts[id] or 1), lengths of entry id and payload, entry id,
-- payload. Entries that are no delivery of this stage are removed and appended to `odd` in fours (stream, entry id,
-- reason, content). Answers how many it took, and how many of an unknown stage or version it set aside.
local function accept(pair, entries, owner, taken, odd, counts)
  local stream, stage, priority = streams[pair], sub(pair, 1, 1), sub(pair, 2, 2)
  local ids, payloads, keys, gone, aside, n = {}, {}, {}, {}, {}, 0
  local function refuse(id, reason, content)
    gone[#gone + 1] = id
    for _, part in ipairs({ stream, id, reason, sub(content, 1, 64) }) do odd[#odd + 1] = part end
  end
  local at_stage = byte(stage)
  for _, entry in ipairs(entries) do
    local id, fields = entry[1], entry[2]
    local payload = fields and fields[1] == FIELD and not fields[3] and fields[2]
    local version, of = byte(payload or '', 1, 2)
    local extra = #(payload or '') - 2 - (version or 0) * 8
    if of == at_stage and (extra == 0 or extra == 24) and (version == 1 or version == 2) then
      n = n + 1
      ids[n], payloads[n], keys[n] = id, payload, sub(payload, 2, 10)
    elseif not fields then
      gone[#gone + 1] = id
    elseif not payload then
      refuse(id, 'fields', table.concat(fields, ' '))
    elseif not version then
      refuse(id, 'length', '')
    elseif version ~= 1 and version ~= 2 then
      aside[#aside + 1] = id
    elseif extra ~= 0 and extra ~= 24 then
      refuse(id, 'length', payload)
    elseif stages[string.char(of)] then
      refuse(id, 'stage', payload)
    else
      aside[#aside + 1] = id
    end
  end
  local values, writes, took, here, suffix = lookup(keys), {}, 0, {}, ' ' .. owner
  local w, t, heads = 0, #taken, {}
  for i = 1, n do
    local id, payload, key = ids[i], payloads[i], keys[i]
    local mark, value = priority .. id, values[i]
    -- Mostly it is waiting there. If not, another entry of this batch may have been the job's first.
    if value ~= mark then
      value = here[key] or value
      if value and sub(value, 1, #mark + 1) ~= mark .. ' ' and stands(key, value) then
        refuse(id, 'duplicate', payload)
        mark = nil
      else
        here[key] = mark .. suffix
      end
    end
    if mark then
      writes[w + 1], writes[w + 2] = key, mark .. suffix
      local times, shape = counts and math.min(255, counts[id] or 1) or 1, #id * 256 + #payload
      local head = times == 1 and heads[shape]
      if not head then
        head = priority .. string.char(times, #id, #payload)
        if times == 1 then heads[shape] = head end
      end
      taken[t + 1], taken[t + 2], taken[t + 3] = head, id, payload
      w, t, took = w + 2, t + 3, took + 1
    end
  end
  if #gone > 0 then
    variadic('XACK', stream, gone, GROUP)
    variadic('XDEL', stream, gone)
  end
  for _, id in ipairs(aside) do
    call('XCLAIM', stream, GROUP, ORPHANS, 0, id, 'IDLE', LONG_IDLE, 'RETRYCOUNT', 0, 'JUSTID')
  end
  variadic('HSET', LIVE, writes)
  return took, #aside
end

-- Moves due deliveries, at most `limit`, to where they are ready or wait, the longest due first. Answers how many, and
-- in how many ms the next is due (-1: none). Stages that this script doesn't know are left for those who do.
local function promote(limit)
  local moved, skipped = 0, 0
  while moved < limit and skipped < 1000 do
    local page = math.min(limit - moved, 500)
    local due = call('ZRANGEBYSCORE', DELAYED, '-inf', integer(NOW), 'LIMIT', skipped, page)
    if #due == 0 then break end
    local values, writes, done = lookup(due), {}, {}
    for i, key in ipairs(due) do
      local value = values[i]
      local priority = value and sub(value, 2, 2)
      if not value or sub(value, 1, 1) ~= '*' then
        done[#done + 1] = key
      elseif not streams[sub(key, 1, 1) .. priority] then
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
  local first = call('ZRANGE', DELAYED, skipped, skipped, 'WITHSCORES')
  return moved, first[2] and math.max(0, tonumber(first[2]) - NOW) or -1
end

local function is_paused(stage_name)
  local answers = call('SMISMEMBER', PAUSED, 'all', stage_name)
  return answers[1] == 1 or answers[2] == 1
end

-- Makes a stream's group, from the stream's very beginning, and the stream if there is none.
local function make_group(stream)
  call('XGROUP', 'CREATE', stream, GROUP, 0, 'MKSTREAM')
end
