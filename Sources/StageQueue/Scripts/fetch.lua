#!lua flags=allow-oom
-- fetch.lua: takes as many deliveries of a stage as there are free slots, into their owner's hand. When the ready streams
-- are empty, it goes on with the waiting rooms, lane by lane in turn.
-- By the way it promotes what is due in every stage, and makes the epoch and the stage's groups if they are missing.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] owner's mark   ARGV[5] owner's consumer name   ARGV[6] stage code   ARGV[7] stage name
-- ARGV[8] priority codes, in the order to read them   ARGV[9] free slots   ARGV[10] epoch to set if there is none
-- ARGV[11] how many of the stage may be in hand in all, ARGV[12] of a lane and stage in the ready streams and in hand,
-- ARGV[13] on the owner's host; '0' each for any number   ARGV[14] key of the set of the host's consumers
-- Returns
--   1 now, ms since 1970      2 epoch          3 whether the epoch or a group was missing, 1 or 0
--   4 ms to the next due delivery, -1: none    5 whether paused, so that nothing was taken, 1 or 0
--   6 whether everything was taken that could be, 1 or 0
--   7 stream and last entry id, in twos, for the doorbell; none unless 5 or 6
--   8 taken, packed as accept() says
--   9 removed, in fours: stream, entry id, reason, content
--  10 how many were set aside for workers that know their stage or version
--  11 whether a limit kept it from taking more, 1 or 0      12 whether a lane waits at this stage, 1 or 0
local owner, consumer, stage, order, slots = ARGV[4], ARGV[5], ARGV[6], ARGV[8], tonumber(ARGV[9])
local stage_limit, lane_limit, host_limit = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
for i = 1, #order do
  if not stream_of(stage .. sub(order, i, i)) then return redis.error_reply('INVALID fetch: unknown stage or priority') end
end
if not (slots and stage_limit and lane_limit and host_limit) then
  return redis.error_reply('INVALID fetch: slots or a limit is not a number')
end

local missing = 0
local epoch = call('GET', EPOCH)
if not epoch then
  epoch, missing = ARGV[10], 1
  call('SET', EPOCH, epoch)
end
local _, next_due = promote(500)

local paused = is_paused(ARGV[7])
local left, limited = paused and 0 or slots, 0

if left > 0 and (stage_limit > 0 or host_limit > 0) then
  -- How many of the stage are in hand: of these consumers, or of all but the one that sets aside.
  local function in_hand(names)
    local sum = 0
    for i = 1, #order do
      local consumers = redis.pcall('XINFO', 'CONSUMERS', stream_of(stage .. sub(order, i, i)), GROUP)
      for _, facts in ipairs(consumers.err and {} or consumers) do
        local name, pending
        for at = 1, #facts, 2 do
          if facts[at] == 'name' then name = facts[at + 1] end
          if facts[at] == 'pending' then pending = facts[at + 1] end
        end
        if name ~= ORPHANS and (not names or names[name]) then sum = sum + pending end
      end
    end
    return sum
  end
  if stage_limit > 0 then left = math.min(left, stage_limit - in_hand()) end
  if left > 0 and host_limit > 0 then
    call('SADD', ARGV[14], consumer)
    local names = {}
    for _, name in ipairs(call('SMEMBERS', ARGV[14])) do names[name] = true end
    left = math.min(left, host_limit - in_hand(names))
  end
end
if not paused and left < slots then limited = 1 end

local taken, odd, aside = {}, {}, 0
local drained = 1
-- By stream that was read to its end: the last entry that was taken from it, if any.
local ends = {}
local function read(pair)
  local stream = stream_of(pair)
  -- Entries that turn out to be no deliveries must not hide those behind them: read on until the stream is empty.
  local rounds = 0
  while left > 0 do
    local read = redis.pcall('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', left, 'STREAMS', stream, '>')
    if not read then break end
    if read.err and sub(read.err, 1, 7) == 'NOGROUP' then
      missing = 1
      make_group(stream)
    elseif read.err then
      return read
    else
      local entries = read[1][2]
      local took, unknown = accept(pair, entries, owner, taken, odd)
      left, aside = left - took, aside + unknown
      -- Fewer entries than asked for: that was the stream's end.
      if #entries < left + took then
        ends[stream] = entries[#entries][1]
        break
      end
    end
    rounds = rounds + 1
    if rounds == 50 then
      drained = 0
      break
    end
  end
end
for i = 1, #order do
  local failure = read(stage .. sub(order, i, i))
  if failure then return failure end
end

local crowded = 0
if AHEAD > 0 and not paused then
  for i = 1, #order do
    local pair = stage .. sub(order, i, i)
    local ring = ring_of(pair)
    local skipped = 0
    local admitted = 0
    while left > admitted do
      local lane = call('ZRANGE', ring, skipped, skipped)[1]
      if not lane then break end
      local state = lane_state(stage, lane)
      if lane_limit > 0 and #state.jobs >= lane_limit * 8 then
        skipped, limited = skipped + 1, 1
        if skipped == 100 then break end
      elseif admit(pair, lane, state) then
        admitted = admitted + 1
      end
    end
    if admitted > 0 then
      local failure = read(pair)
      if failure then return failure end
    end
    if call('EXISTS', ring) == 1 then crowded = 1 end
  end
end
settle_lanes()

if left <= 0 and limited == 0 then drained = 0 end
-- A blocking read after the last entry of a stream that there is waits as well as one after the last there ever was: ids
-- only rise. Where there is none, or not even a stream, it waits from the start.
local bell = {}
if drained == 1 or paused then
  for i = 1, #order do
    local stream = stream_of(stage .. sub(order, i, i))
    local last = ends[stream]
    if not last then
      if paused and call('EXISTS', stream) == 0 then make_group(stream) end
      local entry = call('XREVRANGE', stream, '+', '-', 'COUNT', 1)[1]
      last = entry and entry[1] or '0-0'
    end
    bell[#bell + 1], bell[#bell + 2] = stream, last
  end
end
return {
  now(), epoch, missing, next_due, paused and 1 or 0, drained, bell, table.concat(taken), odd, aside, limited, crowded,
}
