-- For wrk: reads of random records, or of the first page of the list. READ is "record" or "list",
-- COUNT how many records there are; the token comes in TOKEN.
dofile((os.getenv("BENCH") or "bench") .. "/count.lua")
local kind, count = os.getenv("READ"), tonumber(os.getenv("COUNT"))

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
