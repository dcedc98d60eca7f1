-- dispatching.lua: makes deliveries. A part; see prelude.lua. Needs lanes.lua.
-- Reads dispatches out of a packed argument: priority code, length of the payload, payload, length of the due time, due
-- time. That is '' for now, ms since 1970, or '+' and a delay in ms. Answers three lists, or nil and what is wrong;
-- fails when it is cut short, having written nothing.
local function unpack_dispatches(packed)
  local priorities, payloads, dues, at, n = {}, {}, {}, 1, 0
  while at <= #packed do
    local priority, payload, due
    priority, payload, due, at = struct.unpack('c1Bc0Bc0', packed, at)
    n = n + 1
    local version, stage = byte(payload, 1, 2)
    local size = #payload
    if not (version == 1 and (size == 10 or size == 34) or version == 2 and (size == 18 or size == 42)) then
      return nil, 'INVALID dispatch: not a payload of this version'
    end
    if not stream_at[stage * 256 + byte(priority)] then return nil, 'INVALID dispatch: unknown stage or priority' end
    if due ~= '' and (not due:match('^%+?%d+$')) then return nil, 'INVALID dispatch: not a due time' end
    priorities[n], payloads[n], dues[n] = priority, payload, due
  end
  return priorities, payloads, dues
end

-- Makes deliveries. Answers for each: 1 dispatched, 2 already live, 3 repaired, 4 hastened. A dispatched job is no dead
-- letter any more.
local function dispatch(priorities, payloads, dues)
  local keys, answers, writes, n = {}, {}, {}, 0
  for i = 1, #payloads do keys[i] = sub(payloads[i], 2, 10) end
  local values, fresh = lookup(keys), {}
  for i = 1, #payloads do
    local priority, payload, due, key = priorities[i], payloads[i], dues[i], keys[i]
    local value = fresh[key] or values[i]
    local at = due ~= '' and (sub(due, 1, 1) == '+' and now() + tonumber(sub(due, 2)) or tonumber(due)) or 0
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
      local made
      if at > 0 and at > now() then
        call('ZADD', DELAYED, integer(at), key)
        made = '*' .. priority .. payload
      else
        if answer == 4 then call('ZREM', DELAYED, key) end
        made = enter(key, priority, payload)
      end
      fresh[key] = made
      writes[n + 1], writes[n + 2] = key, made
      n = n + 2
    end
  end
  variadic('HSET', LIVE, writes)
  if #keys > 0 and call('EXISTS', DEAD) == 1 then variadic('ZREM', DEAD, keys) end
  return answers
end
