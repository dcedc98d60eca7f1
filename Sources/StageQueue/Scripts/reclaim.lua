#!lua flags=allow-oom
-- reclaim.lua: takes deliveries of a stage that their owner has not renewed for a lease. Nothing while it is paused.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] owner's mark   ARGV[5] owner's consumer name   ARGV[6] stage code   ARGV[7] stage name
-- ARGV[8] priority codes, in the order to read them   ARGV[9] free slots   ARGV[10] lease in ms
-- ARGV[11…] for each priority code the XAUTOCLAIM cursor to go on from, at first '0-0'
-- Entries that were deleted while pending are dropped; those that are no deliveries are removed.
-- Returns 1 the cursors   2 taken, 3 removed, 4 how many set aside: as fetch.lua's 8, 9 and 10
local owner, consumer, stage, order, slots = ARGV[4], ARGV[5], ARGV[6], ARGV[8], tonumber(ARGV[9])
local cursors, taken, odd, aside = {}, {}, {}, 0
for i = 1, #order do
  cursors[i] = ARGV[10 + i]
  if not stream_of(stage .. order:sub(i, i)) then
    return redis.error_reply('INVALID reclaim: unknown stage or priority')
  end
  if not cursors[i] then return redis.error_reply('INVALID reclaim: a cursor is missing') end
end
if is_paused(ARGV[7]) then return { cursors, table.concat(taken), odd, aside } end
for i = 1, #order do
  local pair = stage .. order:sub(i, i)
  local stream = stream_of(pair)
  local rounds = 0
  while slots > 0 and rounds < 20 do
    local claimed = redis.pcall('XAUTOCLAIM', stream, GROUP, consumer, ARGV[10], cursors[i], 'COUNT', slots)
    if claimed.err then break end -- no stream or no group: nothing is pending
    local counts = {}
    for _, entry in ipairs(claimed[2]) do
      local pending = redis.call('XPENDING', stream, GROUP, entry[1], entry[1], 1)
      counts[entry[1]] = pending[1] and pending[1][4]
    end
    local took, unknown = accept(pair, claimed[2], owner, taken, odd, counts)
    slots, aside, rounds, cursors[i] = slots - took, aside + unknown, rounds + 1, claimed[1]
    if claimed[1] == '0-0' then break end
  end
end
return { cursors, table.concat(taken), odd, aside }
