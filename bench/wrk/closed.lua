-- The closed loop: every connection asks, waits for the answer and asks again. wrk takes far less CPU for a request than k6.
--
--   SUBJECT=storefront WORKLOAD=W1 BASE_URLS=http://127.0.0.1:8000 DATA=… OPERATIONS=… \
--     wrk --threads 2 --connections 64 --duration 10s --script bench/wrk/closed.lua http://127.0.0.1:8000
--
-- WORKLOAD is W1 to W4, or W6; SUBJECT, DATA, OPERATIONS, HOT, HOT_SHARE and SEED are as for bench/k6. Threads take the addresses of BASE_URLS in
-- turn, so take a multiple of them. The last line printed is a JSON object, which also goes to the file SUMMARY when that is set.

local folder = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
package.path = folder .. "?.lua;" .. package.path

local subjects = require("subjects")

local function setting(name, otherwise)
  local value = os.getenv(name)
  if value == nil or value == "" then value = otherwise end
  return value or error(name .. " is not set")
end

local SUBJECT = setting("SUBJECT", "storefront")
local WORKLOAD = setting("WORKLOAD", "W1")
local subject = subjects[SUBJECT] or error(SUBJECT .. " is no subject")
local random = math.random

local threads, urls = {}, {}
for host, port in setting("BASE_URLS"):gmatch("http://([^:/,]+):(%d+)") do urls[#urls + 1] = { host = host, port = port } end
assert(#urls > 0, "BASE_URLS has no http://HOST:PORT")

-- In wrk's main state: each thread gets a number and an address.
function setup(thread)
  local url = urls[#threads % #urls + 1]
  threads[#threads + 1] = thread
  thread:set("number", #threads)
  thread.addr = wrk.lookup(url.host, url.port)[1]
end

-- All ids have one length, so one request serves for all: what stands before the id, and what stands behind it.
local function cards(draw)
  local ids = subjects.column(setting("DATA") .. "/products.json", subject.key)
  local before, after = subjects.cut(subject.card, #ids[1])
  local count = #ids
  return function()
    return before .. ids[draw(count)] .. after
  end
end

local function pages(which)
  local requests = {}
  for i, cursor in ipairs(subjects.cursors(setting("DATA") .. "/cursors.json", which)) do requests[i] = subject.page(cursor) end
  local count = #requests
  return function()
    return requests[random(count)]
  end
end

local HOT = tonumber(setting("HOT", "200"))
local HOT_SHARE = tonumber(setting("HOT_SHARE", "0.8"))

local function hot_or_other(count)
  if random() < HOT_SHARE then return random(HOT) end
  return random(HOT + 1, count)
end

-- A word with 60 % of the requests, one with a typing error with 20 %, a word in a category with the others.
local function searches()
  local words = setting("DATA") .. "/words.json"
  local right, mistyped, categories = subjects.column(words, "word"), subjects.column(words, "mistyped"), subjects.column(words, "category")
  local found, corrected, narrowed = {}, {}, {}
  for i, word in ipairs(right) do
    found[i], corrected[i], narrowed[i] = subject.search(word), subject.search(mistyped[i]), subject.facets(word, categories[i])
  end
  local count = #right
  return function()
    local place = random()
    local requests = place < 0.6 and found or place < 0.8 and corrected or narrowed
    return requests[random(count)]
  end
end

local workloads = {
  W1 = function() return cards(random) end,
  W2 = function() return cards(hot_or_other) end,
  W3 = function() return pages("first") end,
  W4 = function() return pages("deep") end,
  W6 = searches,
}

function init()
  math.randomseed(tonumber(setting("SEED", "1")) * 1000 + number)
  request = (workloads[WORKLOAD] or error(WORKLOAD .. " is not W1 to W4, or W6"))()
end

-- Read by `done` from each thread, hence global.
answers, wrong, body_bytes = 0, 0, 0
first_wrong = ""

local begins = ({ W1 = "card_begins", W2 = "card_begins", W6 = "search_begins" })[WORKLOAD] or "page_begins"
local begin = subject[begins] or error(SUBJECT .. " has nothing for " .. WORKLOAD)
local length = #begin

function response(status, _, body)
  answers = answers + 1
  body_bytes = body_bytes + #body
  if status == 200 and body:sub(1, length) == begin and not body:find('"errors"', 1, true) then return end
  wrong = wrong + 1
  if first_wrong == "" then first_wrong = status .. " " .. body:sub(1, 300) end
end

function done(summary, latency)
  if #threads % #urls > 0 then
    io.stderr:write(#threads, " threads cannot ask ", #urls, " addresses evenly\n")
    os.exit(1)
  end
  local sum = { answers = 0, wrong = 0, body_bytes = 0 }
  for _, thread in ipairs(threads) do
    for name, value in pairs(sum) do sum[name] = value + thread:get(name) end
    local first = thread:get("first_wrong")
    if first ~= "" then io.stderr:write("a wrong answer: ", first, "\n") end
  end
  local failed = summary.errors
  local line = '{"requests":%d,"errors":%d,"per_second":%.1f,"p50_ms":%.3f,"p95_ms":%.3f,"p99_ms":%.3f,"answer_bytes":%.0f}'
  line = line:format(
    summary.requests,
    sum.wrong + failed.connect + failed.read + failed.write + failed.timeout,
    summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000,
    latency:percentile(95) / 1000,
    latency:percentile(99) / 1000,
    sum.body_bytes / math.max(sum.answers, 1)
  )
  print(line)
  local summary_path = os.getenv("SUMMARY")
  if summary_path then
    local file = assert(io.open(summary_path, "w"))
    file:write(line, "\n")
    file:close()
  end
end
