#!lua flags=allow-oom
-- removeconsumer.lua: removes a consumer that is gone from every stream's group, after setting what it held aside for
-- the next reclaim. Redis alone would forget it: XGROUP DELCONSUMER destroys what is pending.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4] the consumer's name
-- Returns how many deliveries it held
if ARGV[4] == ORPHANS then return redis.error_reply('INVALID removeconsumer: this consumer belongs to the queue') end
local held = 0
for _, stream in pairs(stream_at) do
  while true do
    local pending = redis.pcall('XPENDING', stream, GROUP, '-', '+', 500, ARGV[4])
    if pending.err or #pending == 0 then break end
    local ids = {}
    for i, p in ipairs(pending) do ids[i] = p[1] end
    local options = { 'IDLE', LONG_IDLE, 'JUSTID' }
    for _, option in ipairs(options) do ids[#ids + 1] = option end
    redis.call('XCLAIM', stream, GROUP, ORPHANS, 0, unpack(ids))
    held = held + #pending
  end
  redis.pcall('XGROUP', 'DELCONSUMER', stream, GROUP, ARGV[4])
end
return held
