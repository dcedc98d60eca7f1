-- taking.lua: puts deliveries in a worker's hand. A part; see prelude.lua. Needs lanes.lua.
local function knows_stage(code)
  for i = 1, #PAIRS, 2 do
    if byte(PAIRS, i) == code then return true end
  end
end

-- Takes entries of one stream that were just read or claimed: writes the owner into live. Appends to `taken`, which is
-- packed in the end: priority code, times delivered (counts[id] or 1), lengths of entry id and payload, entry id,
-- payload. Entries that are no delivery of this stage are removed and appended to `odd` in fours (stream, entry id,
-- reason, content). Answers how many it took, and how many of an unknown stage or version it set aside.
local function accept(pair, entries, owner, taken, odd, counts)
  local stream, stage, priority = stream_of(pair), sub(pair, 1, 1), sub(pair, 2, 2)
  local ids, payloads, keys, gone, aside, n = {}, {}, {}, {}, {}, 0
  local function refuse(id, reason, content)
    gone[#gone + 1] = id
    for _, part in ipairs({ stream, id, reason, sub(content, 1, 64) }) do odd[#odd + 1] = part end
  end
  local at_stage = byte(stage)
  for at = 1, #entries do
    local entry = entries[at]
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
    elseif knows_stage(of) then
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

local function is_paused(stage_name)
  local answers = call('SMISMEMBER', PAUSED, 'all', stage_name)
  return answers[1] == 1 or answers[2] == 1
end

-- Makes a stream's group, from the stream's very beginning, and the stream if there is none.
local function make_group(stream)
  call('XGROUP', 'CREATE', stream, GROUP, 0, 'MKSTREAM')
end
