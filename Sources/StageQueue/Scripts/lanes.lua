-- lanes.lua: what is live and ready, and who of a lane has a place. A part; see prelude.lua.
local function lane_of(payload) return AHEAD > 0 and byte(payload, 1) == 2 and sub(payload, 11, 18) or nil end

local function room_key(pair, lane)
  return ring_of(pair) .. ':' .. lane:gsub('.', function(c) return string.format('%02x', byte(c)) end)
end

-- Whether a delivery that live speaks of exists. Where this script doesn't know the stream, it is believed.
local function stands(key, value)
  local mark = sub(value, 1, 1)
  if mark == '*' then return call('ZSCORE', DELAYED, key) and true end
  if mark == '+' then
    local pair = sub(key, 1, 1) .. sub(value, 2, 2)
    if not ring_of(pair) then return true end
    return call('ZSCORE', room_key(pair, sub(value, 13, 20)), key) and true
  end
  local stream = stream_of(sub(key, 1, 1) .. mark)
  if not stream then return true end
  local id = value:match('^.(%d+%-%d+)')
  return id ~= nil and #call('XRANGE', stream, id, id) > 0
end

-- With lanes only: those of whom this script knows that someone has left them, or asks for their places.
local touched = {}
local lane_state, leave_lane, admit
local function settle_lanes() end

-- Makes a delivery ready, or has it wait while its lane has no place. Answers its value for live.
local function enter(key, priority, payload)
  local lane = lane_of(payload)
  if lane then
    local pair = sub(key, 1, 1) .. priority
    local state = lane_state(sub(key, 1, 1), lane)
    if #state.jobs >= AHEAD * 8 then
      call('ZADD', room_key(pair, lane), integer(now()), key)
      call('ZADD', ring_of(pair), 'NX', integer(now()), lane)
      return '+' .. priority .. payload
    end
    state.jobs, state.changed = state.jobs .. sub(key, 2), true
  end
  return priority .. call('XADD', stream_at[byte(key) * 256 + byte(priority)], '*', FIELD, payload)
end

if AHEAD > 0 then
  -- What this script knows of lanes, by their field; written back by settle_lanes().
  local lanes = {}

  -- Who of a lane is in the stage's ready streams or in hand. Where that seems to leave no place, those of whom it isn't
  -- true any more, because someone deleted an entry, are struck out: but only what was there when the script began.
  function lane_state(stage, lane)
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

  function leave_lane(stage, lane, job)
    local state = lane_state(stage, lane)
    for at = 1, #state.jobs, 8 do
      if sub(state.jobs, at, at + 7) == job then
        state.jobs, state.changed = sub(state.jobs, 1, at - 1) .. sub(state.jobs, at + 8), true
        break
      end
    end
    touched[#touched + 1] = state
  end

  -- Makes the next delivery of a waiting room ready; false if there is none.
  local turn = 0
  function admit(pair, lane, state)
    local ring, room = ring_of(pair), room_key(pair, lane)
    local admitted = false
    while not admitted do
      local key = call('ZPOPMIN', room)[1]
      if not key then break end
      local value = call('HGET', LIVE, key)
      if value and sub(value, 1, 1) == '+' then
        state.jobs, state.changed, admitted = state.jobs .. sub(key, 2), true, true
        local priority = sub(pair, 2, 2)
        call('HSET', LIVE, key, priority .. call('XADD', stream_of(pair), '*', FIELD, sub(value, 3)))
      end
    end
    if call('EXISTS', room) == 1 then
      turn = turn + 1
      call('ZADD', ring, string.format('%.3f', now() + turn / 1000), lane)
    else
      call('ZREM', ring, lane)
    end
    return admitted
  end

  -- Admits whoever waits for a place that has become free, and writes back what changed.
  function settle_lanes()
    for _, state in ipairs(touched) do
      for i = 1, #PAIRS, 2 do
        local pair = sub(PAIRS, i, i + 1)
        if sub(pair, 1, 1) == state.stage then
          while #state.jobs < AHEAD * 8 and call('ZSCORE', ring_of(pair), state.lane) and admit(pair, state.lane, state) do end
        end
      end
    end
    for field, state in pairs(lanes) do
      if state.changed then
        if state.jobs == '' then call('HDEL', LANES, field) else call('HSET', LANES, field, state.jobs) end
      end
    end
  end
end
