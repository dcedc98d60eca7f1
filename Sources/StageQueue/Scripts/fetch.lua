#!lua flags=allow-oom
-- fetch.lua: takes as many deliveries of a stage as there are free slots, into their owner's hand.
-- By the way it promotes what is due in every stage, and makes the epoch and the stage's groups if they are missing.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] owner   ARGV[4] owner's consumer name   ARGV[5] stage code   ARGV[6] stage name
-- ARGV[7] priority codes, in the order to read them   ARGV[8] free slots   ARGV[9] epoch to set if there is none
-- Returns
--   1 now, ms since 1970      2 epoch          3 whether the epoch or a group was missing, 1 or 0
--   4 ms to the next due delivery, -1: none    5 whether paused, so that nothing was taken, 1 or 0
--   6 whether everything was taken that could be, 1 or 0
--   7 stream and last entry id, in twos, for the doorbell
--   8 taken, in fours: priority code, entry id, payload, times delivered
--   9 removed, in fours: stream, entry id, reason, content
--  10 how many were set aside for workers that know their stage or version
local owner, consumer, stage, order, slots = ARGV[3], ARGV[4], ARGV[5], ARGV[7], tonumber(ARGV[8])
for i = 1, #order do
  if not streams[stage .. order:sub(i, i)] then return redis.error_reply('INVALID fetch: unknown stage or priority') end
end
if not slots then return redis.error_reply('INVALID fetch: slots is not a number') end

local missing = 0
local epoch = redis.call('GET', EPOCH)
if not epoch then
  epoch, missing = ARGV[9], 1
  redis.call('SET', EPOCH, epoch)
end
local _, next_due = promote(500)

local paused = is_paused(ARGV[6])
local bell, taken, odd, aside, left = {}, {}, {}, 0, slots
local drained = 1
for i = 1, #order do
  local pair = stage .. order:sub(i, i)
  local stream = streams[pair]
  -- Entries that turn out to be no deliveries must not hide those behind them: read on until the stream is empty.
  local rounds = 0
  while left > 0 and not paused do
    local read = redis.pcall('XREADGROUP', 'GROUP', GROUP, consumer, 'COUNT', left, 'STREAMS', stream, '>')
    if not read then break end
    if read.err and read.err:sub(1, 7) == 'NOGROUP' then
      missing = 1
      make_group(stream)
    elseif read.err then
      return read
    else
      local took, unknown = accept(pair, read[1][2], owner, taken, odd)
      left, aside = left - took, aside + unknown
    end
    rounds = rounds + 1
    if rounds == 50 then
      drained = 0
      break
    end
  end
  if redis.call('EXISTS', stream) == 0 then make_group(stream) end
  local state = redis.call('XINFO', 'STREAM', stream)
  for at = 1, #state, 2 do
    if state[at] == 'last-generated-id' then
      bell[#bell + 1], bell[#bell + 2] = stream, state[at + 1]
    end
  end
end
if left <= 0 then drained = 0 end
return { NOW, epoch, missing, next_due, paused and 1 or 0, drained, bell, taken, odd, aside }
