#!lua flags=no-writes
-- whereabouts.lua: what live says of jobs at stages, and whether it is true.
--
-- KEYS, ARGV[1…3] as in prelude.lua
-- ARGV[4…] live keys
-- Returns for each a list: the value in live ('' if none), 1 or 0 for whether what it names exists, and the due time in
-- ms since 1970 of a delayed one (else '')
local keys = { unpack(ARGV, 4) }
local answers = {}
for i, value in ipairs(lookup(keys)) do
  local due = value and value:sub(1, 1) == '*' and redis.call('ZSCORE', DELAYED, keys[i])
  answers[i] = { value or '', value and stands(keys[i], value) and 1 or 0, due or '' }
end
return answers
