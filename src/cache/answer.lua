#!lua flags=no-writes
-- The answer that was made of nodes which are all still there as they were then; else nothing.
-- KEYS: the answer. It is the number of nodes, the version and the key of each, and what was answered, every part but the last on a line.
local answer = redis.pcall('GET', KEYS[1])
if type(answer) ~= 'string' then
  return false
end
local at = 1
local function line()
  local stop = string.find(answer, '\n', at, true)
  if not stop then
    return nil
  end
  local text = string.sub(answer, at, stop - 1)
  at = stop + 1
  return text
end
for _ = 1, tonumber(line()) or 0 do
  local version, key = tonumber(line()), line()
  local head = key and redis.pcall('GETRANGE', key, 0, 8)
  if type(head) ~= 'string' or #head ~= 9 or struct.unpack('>I8', string.sub(head, 2)) ~= version then
    return false
  end
end
return string.sub(answer, at)
