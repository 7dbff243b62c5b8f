-- Each subject by its name: the column of `products.json` that it knows products by, the requests for a card, a page and a search, and
-- what right answers begin with. Also what reads the files of DATA.

local subjects = {}

local function read(path)
  local file = assert(io.open(path, "r"))
  local text = file:read("*a")
  file:close()
  return text
end

local function get(path)
  return wrk.format("GET", path, { accept = "application/json" })
end

-- A query of a file, without the comment at its head; `variables` is JSON.
local function post(path, variables)
  local text = read(path):gsub("^#[^\n]*\n", ""):gsub('[\\"]', "\\%0"):gsub("\n", "\\n")
  local headers = { ["content-type"] = "application/json", accept = "application/json" }
  return wrk.format("POST", "/graphql", headers, '{"query":"' .. text .. '","variables":' .. variables .. "}")
end

local function graphql(subject, card, page)
  local folder = os.getenv("OPERATIONS") .. "/"
  function subject.card(id) return post(folder .. card, '{"id":"' .. id .. '"}') end
  function subject.page(after) return post(folder .. page, '{"first":50,"after":' .. (after and '"' .. after .. '"' or "null") .. "}") end
  return subject
end

local function own_schema()
  return graphql({
    key = "id",
    card_begins = '{"data":{"product":{"id":"',
    page_begins = '{"data":{"products":{"pageInfo":{"hasNextPage":true,"endCursor":"',
  }, "product-card.graphql", "product-cards.graphql")
end

-- What no other subject is asked.
local function searching(subject)
  local folder = os.getenv("OPERATIONS") .. "/"
  function subject.search(text) return post(folder .. "search.graphql", '{"text":"' .. text .. '"}') end
  function subject.facets(text, category)
    return post(folder .. "facets.graphql", '{"text":"' .. text .. '","where":{"category":{"eq":"' .. category .. '"}}}')
  end
  subject.search_begins = '{"data":{"products":{"totalCount":{"count":'
  return subject
end

local rest = {
  key = "uuid",
  card = function(id) return get("/products/" .. id) end,
  page = function(after) return get("/products?first=50" .. (after and "&after=" .. after or "")) end,
  card_begins = '{"id":"',
  page_begins = '{"products":[{"id":"',
}

subjects.storefront = searching(own_schema())
subjects.mercurius = own_schema()
subjects.yoga = own_schema()
subjects["yoga-jit"] = own_schema()
subjects.postgraphile = graphql({
  key = "uuid",
  card_begins = '{"data":{"product":{"rowId":"',
  page_begins = '{"data":{"products":{"pageInfo":{"hasNextPage":true,"endCursor":"',
}, "../bench/peers/postgraphile/operations/card.graphql", "../bench/peers/postgraphile/operations/cards.graphql")
subjects.hono = rest
-- One floor gives the bytes of Storefront's answer, the other JSON as Postgres spaces it.
subjects["axum-redis"] = { key = "uuid", card = rest.card, card_begins = '{"' }
subjects["axum-sql"] = { key = "uuid", card = rest.card, card_begins = '{"id" : "' }

-- One field of every object in a file of JSON.
function subjects.column(path, field)
  local values = {}
  for value in read(path):gmatch('"' .. field .. '":%s*"([^"]+)"') do values[#values + 1] = value end
  assert(#values > 0, "there are no products")
  return values
end

-- The cursors of a list in `cursors.json`; false where a page begins at the beginning.
function subjects.cursors(path, list)
  local cursors = {}
  local entries = read(path):match('"' .. list .. '":%s*(%b[])') or error("there are no cursors " .. list)
  for entry in entries:gmatch("[^%[%],%s]+") do cursors[#cursors + 1] = entry ~= "null" and entry:sub(2, -2) end
  return cursors
end

-- What of a request stands before an id of this length, and what behind it.
function subjects.cut(request_for, length)
  local mark = ("~"):rep(length)
  local request = request_for(mark)
  local from, to = request:find(mark, 1, true)
  return request:sub(1, from - 1), request:sub(to + 1)
end

return subjects
