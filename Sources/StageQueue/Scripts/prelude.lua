-- prelude.lua: what all scripts share. It is put between the first line of each script and the rest.
--
-- KEYS[1] live: hash, see below               KEYS[2] delayed: sorted set of live keys by due time in ms
-- KEYS[3] dead: sorted set of live keys       KEYS[4] paused: set
-- KEYS[5] epoch: string                       KEYS[6…] ready streams, one for each pair of ARGV[1]
-- ARGV[1] pairs of codes, stage then priority, in the order of KEYS[6…]
-- ARGV[2] the streams' consumer group
--
-- A delivery's payload: version byte, stage code, 8 bytes of job and, if traced, 24 of trace. Its bytes 2 to 10 are its
-- live key. A value in live is one of
--   priority code, entry id                   in the ready stream, waiting
--   priority code, entry id, ' ', owner       in its owner's hand; the owner is name/incarnation
--   '*', priority code, payload               delayed
local LIVE, DELAYED, DEAD, PAUSED, EPOCH = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local PAIRS, GROUP = ARGV[1], ARGV[2]
local FIELD, VERSION = 'd', 1
-- Holds what nobody here can work on: deliveries of removed consumers, until the next reclaim, and those of unknown
-- stages and versions, for workers that know them.
local ORPHANS = '~orphans'
local LONG_IDLE = 86400000

local streams, stages = {}, {}
for i = 1, #PAIRS, 2 do
  streams[PAIRS:sub(i, i + 1)] = KEYS[5 + (i + 1) / 2]
  stages[PAIRS:sub(i, i)] = true
end

local clock = redis.call('TIME')
local NOW = clock[1] * 1000 + math.floor(clock[2] / 1000)

local function integer(number) return string.format('%.0f', number) end

-- Calls a variadic command with any number of arguments, a thousand at a time (a Lua call takes fewer than 8,000).
local function variadic(command, key, arguments, before)
  for first = 1, #arguments, 1000 do
    local last = math.min(first + 999, #arguments)
    if before then
      redis.call(command, key, before, unpack(arguments, first, last))
    else
      redis.call(command, key, unpack(arguments, first, last))
    end
  end
end

-- The values in live, in the order of the keys; false where there is none.
local function lookup(keys)
  local values = {}
  for first = 1, #keys, 1000 do
    for _, value in ipairs(redis.call('HMGET', LIVE, unpack(keys, first, math.min(first + 999, #keys)))) do
      values[#values + 1] = value
    end
  end
  return values
end

-- Whether a delivery that live speaks of exists. Where this script doesn't know the stream, it is believed.
local function stands(key, value)
  if value:sub(1, 1) == '*' then return redis.call('ZSCORE', DELAYED, key) and true end
  local stream = streams[key:sub(1, 1) .. value:sub(1, 1)]
  if not stream then return true end
  local id = value:match('^.(%d+%-%d+)')
  return id ~= nil and #redis.call('XRANGE', stream, id, id) > 0
end

-- Dispatches, given as a list of {priority code, payload, due}: due is '' for now, ms since 1970, or '+' and a delay in
-- ms. Answers for each: 1 dispatched, 2 already live, 3 repaired, 4 hastened. A dispatched job is no dead letter any
-- more.
local function dispatch(list)
  local keys, answers, writes = {}, {}, {}
  for i, d in ipairs(list) do keys[i] = d[2]:sub(2, 10) end
  local values = lookup(keys)
  local fresh = {}
  for i, d in ipairs(list) do
    local priority, payload, due, key = d[1], d[2], d[3], keys[i]
    local value = fresh[key] or values[i]
    local at = due ~= '' and (due:sub(1, 1) == '+' and NOW + tonumber(due:sub(2)) or tonumber(due)) or 0
    if value and stands(key, value) then
      answers[i] = 2
      if value:sub(1, 1) == '*' and at < tonumber(redis.call('ZSCORE', DELAYED, key)) then answers[i] = 4 end
    else
      answers[i] = value and 3 or 1
    end
    if answers[i] ~= 2 then
      if at > NOW then
        redis.call('ZADD', DELAYED, integer(at), key)
        fresh[key] = '*' .. priority .. payload
      else
        if answers[i] == 4 then redis.call('ZREM', DELAYED, key) end
        fresh[key] = priority .. redis.call('XADD', streams[payload:sub(2, 2) .. priority], '*', FIELD, payload)
      end
      writes[#writes + 1], writes[#writes + 2] = key, fresh[key]
    end
  end
  variadic('HSET', LIVE, writes)
  if #keys > 0 and redis.call('EXISTS', DEAD) == 1 then variadic('ZREM', DEAD, keys) end
  return answers
end

-- What is wrong with a dispatch; nil if nothing.
local function problem(d)
  if not (d[1] and d[2] and d[3]) then return 'INVALID dispatch: arguments are missing' end
  if d[2]:byte(1) ~= VERSION or (#d[2] ~= 10 and #d[2] ~= 34) then
    return 'INVALID dispatch: not a payload of this version'
  end
  if not streams[d[2]:sub(2, 2) .. d[1]] then return 'INVALID dispatch: unknown stage or priority' end
  if not d[3]:match('^%+?%d*$') or d[3] == '+' then return 'INVALID dispatch: not a due time' end
end

-- Deliveries in a worker's hand, read from ARGV[first…] in threes: live key, priority code, entry id.
-- Answers the list and, for each, whether live says that it is the owner's; or nil and what is wrong.
local function hand(first, count, owner)
  local list, keys = {}, {}
  for i = 1, count do
    local at = first + (i - 1) * 3
    local key, priority, id = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    if not (key and priority and id) then return nil, 'INVALID delivery: arguments are missing' end
    if #key ~= 9 or not id:match('^%d+%-%d+$') then return nil, 'INVALID delivery: not a live key and an entry id' end
    if not streams[key:sub(1, 1) .. priority] then return nil, 'INVALID delivery: unknown stage or priority' end
    list[i], keys[i] = { key, priority, id }, key
  end
  local values = lookup(keys)
  for i, d in ipairs(list) do d.owned = values[i] == d[2] .. d[3] .. ' ' .. owner end
  return list
end

-- The entry ids of owned deliveries by their stream.
local function owned_ids(list)
  local by_stream = {}
  for _, d in ipairs(list) do
    if d.owned then
      local stream = streams[d[1]:sub(1, 1) .. d[2]]
      by_stream[stream] = by_stream[stream] or {}
      table.insert(by_stream[stream], d[3])
    end
  end
  return by_stream
end

-- Acknowledges and deletes what is owned, and takes it out of live.
local function free(list)
  for stream, ids in pairs(owned_ids(list)) do
    variadic('XACK', stream, ids, GROUP)
    variadic('XDEL', stream, ids)
  end
  local keys = {}
  for _, d in ipairs(list) do
    if d.owned then keys[#keys + 1] = d[1] end
  end
  variadic('HDEL', LIVE, keys)
end

-- Takes entries of one stream that were just read or claimed: writes the owner into live. Appends to `taken` in fours
-- (priority code, entry id, payload, times delivered: counts[id] or 1). Entries that are no delivery of this stage are
-- removed and appended to `odd` in fours (stream, entry id, reason, content). Answers how many it took, and how many
-- of an unknown stage or version it set aside.
local function accept(pair, entries, owner, taken, odd, counts)
  local stream, stage, priority = streams[pair], pair:sub(1, 1), pair:sub(2, 2)
  local good, keys, gone, aside = {}, {}, {}, {}
  local function refuse(id, reason, content)
    gone[#gone + 1] = id
    for _, part in ipairs({ stream, id, reason, content:sub(1, 64) }) do odd[#odd + 1] = part end
  end
  for _, entry in ipairs(entries) do
    local id, fields = entry[1], entry[2]
    if not fields then
      gone[#gone + 1] = id
    elseif #fields ~= 2 or fields[1] ~= FIELD then
      refuse(id, 'fields', table.concat(fields, ' '))
    elseif fields[2] == '' then
      refuse(id, 'length', '')
    else
      local payload = fields[2]
      local of = payload:sub(2, 2)
      if payload:byte(1) ~= VERSION then
        aside[#aside + 1] = id
      elseif #payload ~= 10 and #payload ~= 34 then
        refuse(id, 'length', payload)
      elseif of == stage then
        good[#good + 1], keys[#keys + 1] = { id, payload }, payload:sub(2, 10)
      elseif stages[of] then
        refuse(id, 'stage', payload)
      else
        aside[#aside + 1] = id
      end
    end
  end
  local values, writes, took, here = lookup(keys), {}, 0, {}
  for i, d in ipairs(good) do
    local id, payload, key = d[1], d[2], keys[i]
    local mark = priority .. id
    local value = here[key] or values[i]
    local same = value and (value == mark or value:sub(1, #mark + 1) == mark .. ' ')
    if value and not same and stands(key, value) then
      refuse(id, 'duplicate', payload)
    else
      here[key] = mark .. ' ' .. owner
      writes[#writes + 1], writes[#writes + 2] = key, here[key]
      for _, part in ipairs({ priority, id, payload, counts and counts[id] or 1 }) do taken[#taken + 1] = part end
      took = took + 1
    end
  end
  if #gone > 0 then
    variadic('XACK', stream, gone, GROUP)
    variadic('XDEL', stream, gone)
  end
  for _, id in ipairs(aside) do
    redis.call('XCLAIM', stream, GROUP, ORPHANS, 0, id, 'IDLE', LONG_IDLE, 'RETRYCOUNT', 0, 'JUSTID')
  end
  variadic('HSET', LIVE, writes)
  return took, #aside
end

-- Moves due deliveries, at most `limit`, to their ready streams, the longest due first. Answers how many, and in how
-- many ms the next is due (-1: none). Stages that this script doesn't know are left for those who do.
local function promote(limit)
  local moved, skipped = 0, 0
  while moved < limit and skipped < 1000 do
    local page = math.min(limit - moved, 500)
    local due = redis.call('ZRANGEBYSCORE', DELAYED, '-inf', integer(NOW), 'LIMIT', skipped, page)
    if #due == 0 then break end
    local values, writes, done = lookup(due), {}, {}
    for i, key in ipairs(due) do
      local value = values[i]
      local priority = value and value:sub(2, 2)
      local stream = value and streams[key:sub(1, 1) .. priority]
      if not value or value:sub(1, 1) ~= '*' then
        done[#done + 1] = key
      elseif not stream then
        skipped = skipped + 1
      else
        done[#done + 1] = key
        writes[#writes + 1], writes[#writes + 2] = key, { stream, priority, value:sub(3) }
      end
    end
    variadic('ZREM', DELAYED, done)
    for i = 2, #writes, 2 do
      local stream, priority, payload = unpack(writes[i])
      writes[i] = priority .. redis.call('XADD', stream, '*', FIELD, payload)
    end
    variadic('HSET', LIVE, writes)
    moved = moved + #writes / 2
  end
  local first = redis.call('ZRANGE', DELAYED, skipped, skipped, 'WITHSCORES')
  return moved, first[2] and math.max(0, tonumber(first[2]) - NOW) or -1
end

local function is_paused(stage_name)
  local answers = redis.call('SMISMEMBER', PAUSED, 'all', stage_name)
  return answers[1] == 1 or answers[2] == 1
end

-- Makes a stream's group, from the stream's very beginning, and the stream if there is none.
local function make_group(stream)
  redis.call('XGROUP', 'CREATE', stream, GROUP, 0, 'MKSTREAM')
end
