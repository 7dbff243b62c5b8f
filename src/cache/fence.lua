#!lua flags=allow-oom
-- Announces a node's version: what is older goes, and is not stored for as long as the fence stands.
-- KEYS: value, fence. ARGV: version, the fence's life in milliseconds. Returns whether a value went.
-- A full Redis that takes no writes takes this one: what it drops gives more than it needs. What makes no sense is as good as absent: one
-- spoilt key must not keep others from being fenced.
local version = tonumber(ARGV[1])
local fence = redis.pcall('GET', KEYS[2])
if type(fence) == 'string' and (tonumber(fence) or 0) > version then
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
else
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
end
local head = redis.pcall('GETRANGE', KEYS[1], 0, 8)
if head == '' then
  return 0
end
if type(head) == 'string' and #head == 9 and struct.unpack('>I8', string.sub(head, 2)) >= version then
  return 0
end
return redis.call('DEL', KEYS[1])
