-- prelude.lua: what all scripts share. It is put between the first line of each script and the rest, and after it those
-- of these parts that the script uses: lanes.lua, dispatching.lua, holding.lua, freeing.lua, taking.lua, promoting.lua.
-- Redis makes every function anew at each call, so what a script does not use would cost it as much as a command.
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
-- By code bytes of stage and priority, as stage * 256 + priority.
local stream_at, ring_at = {}, {}
for i = 1, #PAIRS, 2 do
  local stage, priority = byte(PAIRS, i, i + 1)
  local code = stage * 256 + priority
  stream_at[code], ring_at[code] = KEYS[7 + i], KEYS[8 + i]
end

-- The ready stream, and the waiting ring, of a stage code and a priority code; nil if this script knows no such pair.
local function stream_of(pair)
  local stage, priority = byte(pair, 1, 2)
  return stream_at[stage * 256 + (priority or 0)]
end
local function ring_of(pair)
  local stage, priority = byte(pair, 1, 2)
  return ring_at[stage * 256 + (priority or 0)]
end

-- Redis' clock in ms since 1970: the same throughout a script.
local time
local function now()
  if not time then
    local clock = call('TIME')
    time = clock[1] * 1000 + math.floor(clock[2] / 1000)
  end
  return time
end

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
