-- For wrk: asks the addresses in PATHS (one a line), each in turn. Prints one JSON line at the end.
local paths, at = {}, 0
for path in (os.getenv("PATHS") or "/"):gmatch("[^\n]+") do paths[#paths + 1] = path end
local headers = { Authorization = "Bearer " .. (os.getenv("TOKEN") or "none") }

function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at], headers)
end

function done(summary, latency, requests)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format('{"requests":%d,"seconds":%f,"wrong":%d,"p50":%f,"p99":%f}', summary.requests,
    summary.duration / 1e6, wrong, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
