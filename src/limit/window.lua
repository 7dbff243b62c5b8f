#!lua
-- Charges windows of one client or address, all or none of them, after giving back what is to be given back.
-- KEYS: the windows to charge, then those to refund. ARGV: how many to charge; for each its limit, its period in milliseconds and the
-- charge; for each refund the bucket and how much. Returns 1 when charged, else 0; then for each window its time in milliseconds, what
-- counted in it before, the bucket that must be gone before the charge passes (-1: none, it passes; -2: it never does), and the oldest bucket with
-- something in it (-1: not asked for). A window is a hash: buckets by their number, u: their sum, t: its time, d: what was added to the
-- clock because it went back. The rules are those of window.rs.
local SUB_WINDOWS = 30
local function digits(number)
  return string.format('%.0f', number)
end

local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local count = tonumber(ARGV[1])

for i = count + 1, #KEYS do
  local at = 3 * count + 2 * (i - count)
  local held = tonumber(redis.call('HGET', KEYS[i], ARGV[at]) or 0)
  local back = math.min(held, tonumber(ARGV[at + 1]))
  if back > 0 then
    redis.call('HINCRBY', KEYS[i], ARGV[at], digits(-back))
    redis.call('HINCRBY', KEYS[i], 'u', digits(-back))
  end
end

-- The names of a run of buckets, and what each holds.
local function buckets(key, first, last)
  local names = {}
  for bucket = first, last do
    names[#names + 1] = digits(bucket)
  end
  return names, redis.call('HMGET', key, unpack(names))
end

local windows, passes = {}, 1
for i = 1, count do
  local limit, period, amount = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local state = redis.call('HMGET', KEYS[i], 'u', 't', 'd')
  local window = { used = tonumber(state[1]) or 0, offset = tonumber(state[3]) or 0, exists = state[1], amount = amount }
  local last = tonumber(state[2]) or 0
  if clock + window.offset < last then
    window.offset = last - clock
  end
  window.now = clock + window.offset
  window.running = math.floor(window.now * SUB_WINDOWS / period)
  local settled = math.floor(last * SUB_WINDOWS / period)
  if state[1] and window.running > settled then
    -- What counted then and does not now.
    local names, held = buckets(KEYS[i], settled - SUB_WINDOWS, math.min(window.running - SUB_WINDOWS - 1, settled))
    local gone = {}
    for at = 1, #names do
      if held[at] then
        window.used = window.used - tonumber(held[at])
        gone[#gone + 1] = names[at]
      end
    end
    if #gone > 0 then
      redis.call('HDEL', KEYS[i], unpack(gone))
    end
  end
  window.period = period
  window.frees, window.oldest = -1, -1
  local over = window.used + amount - limit
  if over > 0 then
    passes = 0
    window.frees = amount > limit and -2 or 0
  end
  if over >= 0 then
    local names, held = buckets(KEYS[i], window.running - SUB_WINDOWS, window.running)
    local freed = 0
    for at = 1, #names do
      local content = tonumber(held[at] or 0)
      freed = freed + content
      if content > 0 and window.oldest < 0 then
        window.oldest = tonumber(names[at])
      end
      if window.frees == 0 and freed >= over then
        window.frees = tonumber(names[at])
      end
    end
    if over == 0 and window.oldest < 0 and amount > 0 then
      window.oldest = window.running
    end
  end
  windows[i] = window
end

local answer = { passes }
for i = 1, count do
  local window = windows[i]
  local used = window.used
  if passes == 1 then
    used = used + window.amount
    local content = redis.call('HINCRBY', KEYS[i], digits(window.running), digits(window.amount))
    if content == window.amount then
      -- A new bucket, which counts for at most 31 sub-windows.
      redis.call('PEXPIRE', KEYS[i], digits(math.ceil(window.period * (SUB_WINDOWS + 2) / SUB_WINDOWS) + 1000))
    end
  end
  if passes == 1 or window.exists then
    redis.call('HSET', KEYS[i], 'u', digits(used), 't', digits(window.now), 'd', digits(window.offset))
  end
  answer[#answer + 1] = window.now
  answer[#answer + 1] = window.used
  answer[#answer + 1] = window.frees
  answer[#answer + 1] = window.oldest
end
return answer
