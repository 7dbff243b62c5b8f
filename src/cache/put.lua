#!lua
-- Stores a node's value, unless a newer one is there or was announced, or it comes too late.
-- KEYS: value, fence. ARGV: version, life in milliseconds, value, the last moment by this server's clock in microseconds.
-- Returns stored, fenced, older or late. A value is one byte for its schema, eight for its version, and the rest.
local now = redis.call('TIME')
-- It may have lain in a connection while fences came and went.
if now[1] * 1000000 + now[2] > tonumber(ARGV[4]) then
  return 'late'
end
local version = tonumber(ARGV[1])
local fence = redis.pcall('GET', KEYS[2])
if type(fence) == 'string' and version < (tonumber(fence) or 0) then
  return 'fenced'
end
local head = redis.pcall('GETRANGE', KEYS[1], 0, 8)
if type(head) == 'string' and #head == 9 then
  local held = struct.unpack('>I8', string.sub(head, 2))
  -- The same version of another schema is worth writing: only one of the two schemas can read what is there.
  if held > version or (held == version and string.byte(head) == string.byte(ARGV[3])) then
    return 'older'
  end
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
return 'stored'
