-- For wrk: the report of the README, with another order, amount and random Idempotency-Key each
-- time. The token comes in TOKEN. Prints one JSON line for bench/run.mjs at the end, and the first
-- answer that was no 201.
local random, format = math.random, string.format
local threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  threads[#threads + 1] = thread
end

local path, before, between, headers

function init(args)
  path = args[1] or wrk.path
  -- Two threads must not draw the same keys, nor two runs.
  local seed = io.open("/dev/urandom", "rb")
  local a, b, c, d = seed:read(4):byte(1, 4)
  seed:close()
  math.randomseed(((a * 256 + b) * 256 + c) * 256 + d + number)
  headers = "POST " .. path .. " HTTP/1.1\r\nHost: " .. (wrk.headers["Host"] or wrk.host) ..
    "\r\nAuthorization: Bearer " .. (os.getenv("TOKEN") or "none") ..
    "\r\nContent-Type: application/json\r\nIdempotency-Key: "
  before = '{"todoType":"INCIDENT","domainWorkSpace":"EXA-CON-BUS-WOR","title":"Potential Customs claim",' ..
    '"description":"Operation started without proper approvals","impact":"HIGH","likelihood":"MEDIUM",' ..
    '"status":"IN PROGRESS","priority":"HIGH","assignee":"Example@example.com",' ..
    '"reporter":"Example@example.com","category":["Customs"],"subCategory":["IT"],' ..
    '"reminderDate":"2024-09-27"'
  between = "\r\nContent-Length: " .. #before + #format(',"financialImpact":"%06d","lrn":"%06d","orderID":["ORDER %06d"]}', 0, 0, 0) .. "\r\n\r\n"
end

function request()
  return headers ..
    format("%08x%08x%08x%08x", random(0, 4294967295), random(0, 4294967295), random(0, 4294967295), random(0, 4294967295)) ..
    between .. before ..
    format(',"financialImpact":"%06d","lrn":"%06d","orderID":["ORDER %06d"]}', random(0, 999999), random(0, 999999), random(0, 999999))
end

refused = 0
first = ""

function response(status, _, body)
  if status ~= 201 then
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
  io.write(format('{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n%s\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad,
    errors.connect + errors.read + errors.write + errors.timeout, example))
end
