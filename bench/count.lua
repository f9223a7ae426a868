-- For the scripts of wrk that want nothing but 200: counts all else, and prints one JSON line at the
-- end for bench/run.mjs, with the first answer that was no 200.
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
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
