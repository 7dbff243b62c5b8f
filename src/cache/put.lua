#!lua
-- Stores nodes' values, each unless a newer one is there or was announced, and none of them when it comes too late.
-- KEYS: value and fence of each. ARGV: version, life in milliseconds and value of each, and at the end the last moment by this server's clock
-- in microseconds. Returns of each stored, fenced, older or late. A value is one byte for its schema, eight for its version, and the rest.
local now = redis.call('TIME')
-- It may have lain in a connection while fences came and went.
local is_late = now[1] * 1000000 + now[2] > tonumber(ARGV[#ARGV])
-- As a rule nothing is there of any of them.
local is_cold = not is_late and redis.call('EXISTS', unpack(KEYS)) == 0

local function refusal(value, fence, version, bytes)
  local lowest = redis.pcall('GET', fence)
  if type(lowest) == 'string' and version < (tonumber(lowest) or 0) then
    return 'fenced'
  end
  local head = redis.pcall('GETRANGE', value, 0, 8)
  if type(head) == 'string' and #head == 9 then
    local held = struct.unpack('>I8', string.sub(head, 2))
    -- The same version of another schema is worth writing: only one of the two schemas can read what is there.
    if held > version or (held == version and string.byte(head) == string.byte(bytes)) then
      return 'older'
    end
  end
end

local function put(value, fence, version, life, bytes)
  if is_late then
    return 'late'
  end
  -- One node may come twice.
  if is_cold and redis.call('SET', value, bytes, 'PX', life, 'NX') then
    return 'stored'
  end
  local reason = refusal(value, fence, tonumber(version), bytes)
  if reason then
    return reason
  end
  redis.call('SET', value, bytes, 'PX', life)
  return 'stored'
end

local outcomes = {}
for i = 1, #KEYS / 2 do
  outcomes[i] = put(KEYS[2 * i - 1], KEYS[2 * i], ARGV[3 * i - 2], ARGV[3 * i - 1], ARGV[3 * i])
end
return outcomes
