-- For wrk: reads of random records, or of the first page of the list. READ is "record" or "list",
-- COUNT how many records there are; the token comes in TOKEN.
local kind, count = os.getenv("READ"), tonumber(os.getenv("COUNT"))
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init()
  math.randomseed(os.time())
end

function request()
  local path = "/bzctrl-core-api/api/v1/tasks"
  if kind == "record" then
    path = path .. string.format("/EXA-CON-BUS-WOR-%02d", math.random(1, count))
  end
  return "GET " .. path .. " HTTP/1.1\r\nHost: " .. wrk.host ..
    "\r\nAuthorization: Bearer " .. os.getenv("TOKEN") .. "\r\n\r\n"
end

refused = 0
first = ""

function response(status, _, body)
  if status ~= 200 then
    if refused == 0 then first = status .. " " .. body:sub(1, 300) end
    refused = refused + 1
  end
end

function done(summary, latency)
  local bad, example = 0, ""
  for _, thread in ipairs(threads) do
    bad = bad + thread:get("refused")
    if thread:get("first") ~= "" then example = thread:get("first") end
  end
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n%s\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad,
    errors.connect + errors.read + errors.write + errors.timeout, example))
end
