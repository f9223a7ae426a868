-- For wrk: changes the title of a record drawn at random from the first RECORDS of the README's workspace,
-- whatever its version. Prints one JSON line at the end, like query.lua.
local last, n = tonumber(os.getenv("RECORDS") or "1000"), 0
local headers = {
  Authorization = "Bearer " .. (os.getenv("TOKEN") or "none"),
  ["Content-Type"] = "application/merge-patch+json",
  ["If-Match"] = "*",
}

function init()
  math.randomseed(os.time())
end

function request()
  n = n + 1
  return wrk.format("PATCH", string.format("%s/EXA-CON-BUS-WOR-%02d", wrk.path, math.random(1, last)), headers,
    '{"title":"Potential Customs claim ' .. n .. '"}')
end

function done(summary, latency, requests)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  print(string.format('{"requests":%d,"seconds":%f,"wrong":%d,"p50":%f,"p99":%f}', summary.requests,
    summary.duration / 1e6, wrong, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
