-- For wrk: the report of the README, with another order, amount and random Idempotency-Key each
-- time. The token comes in TOKEN, further members of the report (',"a":1') in MEMBERS. Prints one JSON line for bench/run.mjs at the end, and the first
-- answer that was neither a 201 nor a 503 that says when to come again. `slots` are the 201 of each
-- tenth of a second: [its number since 1970, how many, the longest wait for one that ended there in
-- milliseconds].
local random, format, floor = math.random, string.format, math.floor
local ffi = require("ffi")
ffi.cdef("typedef struct { long s, us; } bench_time; int gettimeofday(bench_time *now, void *zone);")
local clock = ffi.new("bench_time")
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
    '"reminderDate":"2024-09-27"' .. (os.getenv("MEMBERS") or "")
  between = "\r\nContent-Length: " .. #before + #format(',"financialImpact":"%06d","lrn":"%06d","orderID":["ORDER %06d"]}', 0, 0, 0) .. "\r\n\r\n"
end

function request()
  return headers ..
    format("%08x%08x%08x%08x", random(0, 4294967295), random(0, 4294967295), random(0, 4294967295), random(0, 4294967295)) ..
    between .. before ..
    format(',"financialImpact":"%06d","lrn":"%06d","orderID":["ORDER %06d"]}', random(0, 999999), random(0, 999999), random(0, 999999))
end

-- `refused` is all but the 201, `unavailable` those of them that are a 503 with Retry-After.
refused, unavailable = 0, 0
first = ""
counts, waits = {}, {}
local last

function response(status, headers, body)
  if status == 201 then
    ffi.C.gettimeofday(clock, nil)
    local now = tonumber(clock.s) * 1000 + tonumber(clock.us) / 1000
    local slot = floor(now / 100)
    counts[slot] = (counts[slot] or 0) + 1
    waits[slot] = math.max(waits[slot] or 0, now - (last or now))
    last = now
    return
  end
  refused = refused + 1
  if status == 503 and headers["Retry-After"] then
    unavailable = unavailable + 1
  elseif first == "" then
    first = status .. " " .. body:sub(1, 300)
  end
end

function done(summary, latency)
  local bad, later, example, slots = 0, 0, "", {}
  for _, thread in ipairs(threads) do
    bad = bad + thread:get("refused")
    later = later + thread:get("unavailable")
    if thread:get("first") ~= "" then example = thread:get("first") end
    local longest = thread:get("waits")
    for slot, count in pairs(thread:get("counts")) do
      slots[#slots + 1] = format("[%d,%d,%.1f]", slot, count, longest[slot])
    end
  end
  local errors = summary.errors
  io.write(format('{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"unavailable":%d,"broken":%d,"slots":[%s]}\n%s\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), bad, later,
    errors.connect + errors.read + errors.write + errors.timeout, table.concat(slots, ","), example))
end
