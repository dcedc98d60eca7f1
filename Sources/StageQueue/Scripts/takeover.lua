#!lua flags=allow-oom
-- takeover.lua: takes what a predecessor, known to be dead, holds of a stage, at once. Nothing while it is paused.
--
-- KEYS, ARGV[1], ARGV[2] as in prelude.lua
-- ARGV[3] owner   ARGV[4] owner's consumer name   ARGV[5] stage code   ARGV[6] stage name
-- ARGV[7] priority codes, in the order to read them   ARGV[8] free slots   ARGV[9] predecessor's consumer name
-- Where the predecessor had the owner's own name, what this owner already holds is not its predecessor's.
-- Returns 1 whether nothing of the predecessor's is left, 1 or 0
--   2 taken, 3 removed, 4 how many set aside: as fetch.lua's 8, 9 and 10
local owner, consumer, stage, order, slots = ARGV[3], ARGV[4], ARGV[5], ARGV[7], tonumber(ARGV[8])
for i = 1, #order do
  if not streams[stage .. order:sub(i, i)] then
    return redis.error_reply('INVALID takeover: unknown stage or priority')
  end
end
local taken, odd, aside, complete = {}, {}, 0, 1
if is_paused(ARGV[6]) then return { 0, taken, odd, aside } end
for i = 1, #order do
  local pair = stage .. order:sub(i, i)
  local stream = streams[pair]
  local from = '-'
  while from do
    local pending = redis.pcall('XPENDING', stream, GROUP, from, '+', 100, ARGV[9])
    if pending.err or #pending == 0 then break end
    for _, p in ipairs(pending) do
      local id = p[1]
      from = '(' .. id
      local entry = redis.call('XRANGE', stream, id, id)[1]
      local payload = entry and entry[2][2] or ''
      local value = redis.call('HGET', LIVE, payload:sub(2, 10))
      if value ~= pair:sub(2, 2) .. id .. ' ' .. owner then
        if slots <= 0 then
          complete, from = 0, nil
          break
        end
        local claimed = redis.call('XCLAIM', stream, GROUP, consumer, 0, id)
        local took, unknown = accept(pair, claimed, owner, taken, odd, { [id] = p[4] + 1 })
        slots, aside = slots - took, aside + unknown
      end
    end
  end
end
return { complete, taken, odd, aside }
