#!lua flags=allow-oom
-- takeover.lua: takes what a predecessor, known to be dead, holds of a stage, at once. Nothing while it is paused.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] owner's mark   ARGV[5] owner's consumer name   ARGV[6] stage code   ARGV[7] stage name
-- ARGV[8] priority codes, in the order to read them   ARGV[9] free slots   ARGV[10] predecessor's consumer name
-- Where the predecessor had the owner's own name, what this owner already holds is not its predecessor's.
-- Returns 1 whether nothing of the predecessor's is left, 1 or 0
--   2 taken, 3 removed, 4 how many set aside: as fetch.lua's 8, 9 and 10
local owner, consumer, stage, order, slots = ARGV[4], ARGV[5], ARGV[6], ARGV[8], tonumber(ARGV[9])
for i = 1, #order do
  if not stream_of(stage .. order:sub(i, i)) then
    return redis.error_reply('INVALID takeover: unknown stage or priority')
  end
end
local taken, odd, aside, complete = {}, {}, 0, 1
if is_paused(ARGV[7]) then return { 0, '', odd, aside } end
for i = 1, #order do
  local pair = stage .. order:sub(i, i)
  local stream = stream_of(pair)
  local from = '-'
  while from do
    local pending = redis.pcall('XPENDING', stream, GROUP, from, '+', 100, ARGV[10])
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
return { complete, table.concat(taken), odd, aside }
