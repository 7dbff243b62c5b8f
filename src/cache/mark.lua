#!lua flags=allow-oom
-- Tells that nodes of some kinds were written: the lists that were stored before are not read any more.
-- KEYS: the marks of the kinds. ARGV: the position of the log after the write, the marks' life in milliseconds.
-- A mark never falls.
for _, key in ipairs(KEYS) do
  local held = redis.call('GET', key)
  if held and tonumber(held) > tonumber(ARGV[1]) then
    redis.call('PEXPIRE', key, ARGV[2])
  else
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
  end
end
return #KEYS
