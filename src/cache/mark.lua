#!lua flags=allow-oom
-- Tells that nodes of some kinds were written: the lists that were stored before are not read any more.
-- KEYS: the marks of the kinds. ARGV: the position of the log after the write, the marks' life in milliseconds.
-- A mark always rises, also where two writes end at one position: a list may have been stored between them.
for _, key in ipairs(KEYS) do
  local mark = ARGV[1]
  local held = redis.pcall('GET', key)
  if type(held) == 'string' and (tonumber(held) or 0) >= tonumber(mark) then
    mark = string.format('%.0f', tonumber(held) + 1)
  end
  redis.call('SET', key, mark, 'PX', ARGV[2])
end
return #KEYS
